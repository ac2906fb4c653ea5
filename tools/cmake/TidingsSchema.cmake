# tidings_schema(<target> NAME <name> DIRECTORY <dir> [NAMESPACE <ns>]): makes the numbered SQL files
# of a directory (001_orders.sql, 002_...) part of <target>, as
# `std::span<const tidings::Migration> <ns>::<name>_schema()`, declared in <schema/<name>.h>.
function(tidings_schema target)
  cmake_parse_arguments(ARG "" "NAME;DIRECTORY;NAMESPACE" "" ${ARGN})
  if(NOT ARG_NAMESPACE)
    set(ARG_NAMESPACE schema)
  endif()
  file(GLOB files CONFIGURE_DEPENDS ${ARG_DIRECTORY}/*.sql)
  list(SORT files)
  if(NOT files)
    message(FATAL_ERROR "tidings_schema: no numbered SQL files in ${ARG_DIRECTORY}")
  endif()
  set(entries "")
  foreach(file ${files})
    get_filename_component(name ${file} NAME)
    if(NOT name MATCHES "^([0-9]+)_([a-z0-9_]+)\\.sql$")
      message(FATAL_ERROR "${file}: name it NNN_what.sql, such as 001_orders.sql")
    endif()
    math(EXPR version "${CMAKE_MATCH_1}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(READ ${file} sql)
    string(APPEND entries "    tidings::Migration{${version}, \"${CMAKE_MATCH_2}\", R\"sql(${sql})sql\"},\n")
  endforeach()
  set(out ${CMAKE_CURRENT_BINARY_DIR}/schema)
  file(CONFIGURE OUTPUT ${out}/${ARG_NAME}.h @ONLY CONTENT
"#pragma once

#include <tidings/store/store.h>

#include <span>

namespace @ARG_NAMESPACE@ {

/// The tables of @ARG_NAME@, by version; made from its numbered SQL files.
std::span<const tidings::Migration> @ARG_NAME@_schema();

}  // namespace @ARG_NAMESPACE@
")
  file(CONFIGURE OUTPUT ${out}/${ARG_NAME}.cc @ONLY CONTENT
"#include \"schema/@ARG_NAME@.h\"

namespace @ARG_NAMESPACE@ {

std::span<const tidings::Migration> @ARG_NAME@_schema() {
    static constexpr tidings::Migration migrations[] = {
@entries@    };
    return migrations;
}

}  // namespace @ARG_NAMESPACE@
")
  target_sources(${target} PRIVATE ${out}/${ARG_NAME}.cc)
  target_include_directories(${target} PUBLIC ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
