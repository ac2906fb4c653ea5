# tidings_generate(TARGET <library to create> CONTRACTS <folder> [MODELS <folder>]
#                  [UPCASTS <source>...] NAMESPACE <name> [STRICT])
#
# Makes a static library from a platform's contracts (<folder>/<domain>/*.yaml) and, if given, its
# services' models (*.yaml). Its users include <contracts/order.h>, <contracts/all.h> and
# <models/order_service.h>. The generator runs again when any of the files changes, and a wrong
# contract fails the build with its file, line, rule and a suggestion. With STRICT, what is a warning
# otherwise, such as an event that nobody consumes, fails it too. UPCASTS are the sources with the
# upcasters of events that have several major versions; one that is missing fails to link.
# Stops if an event has several major versions and there is no source for the upcasters.
function(tidings_check_upcasts contract_files upcasts)
  foreach(file ${contract_files})
    if(upcasts OR NOT file MATCHES "^(.*)\\.v([0-9]+)\\.yaml$")
      continue()
    endif()
    set(event ${CMAKE_MATCH_1})
    math(EXPR before "${CMAKE_MATCH_2} - 1")
    if(EXISTS ${event}.v${before}.yaml)
      message(FATAL_ERROR "tidings_generate: ${file} needs an upcaster from version ${before}: "
        "write v${CMAKE_MATCH_2}::Event v${before}::upcast(const v${before}::Event&) into a source "
        "and name that after UPCASTS")
    endif()
  endforeach()
endfunction()

function(tidings_generate)
  cmake_parse_arguments(ARG "STRICT" "TARGET;CONTRACTS;MODELS;NAMESPACE" "UPCASTS" ${ARGN})
  foreach(required TARGET CONTRACTS NAMESPACE)
    if(NOT ARG_${required})
      message(FATAL_ERROR "tidings_generate: ${required} is missing")
    endif()
  endforeach()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tidings_generate: unknown argument ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(contracts ${ARG_CONTRACTS} ABSOLUTE)
  file(GLOB_RECURSE contract_files CONFIGURE_DEPENDS ${contracts}/*.yaml)
  if(NOT contract_files)
    message(FATAL_ERROR "tidings_generate: ${contracts} holds no contract (*.yaml)")
  endif()
  tidings_check_upcasts("${contract_files}" "${ARG_UPCASTS}")
  set(arguments --contracts ${contracts} --namespace ${ARG_NAMESPACE})

  if(ARG_STRICT)
    list(APPEND arguments --strict)
  endif()

  # What is generated follows from the names alone, so that it is known before the generator is built.
  set(units)
  foreach(file ${contract_files})
    get_filename_component(folder ${file} DIRECTORY)
    get_filename_component(domain ${folder} NAME)
    list(APPEND units contracts/${domain})
  endforeach()
  set(model_files)
  if(ARG_MODELS)
    get_filename_component(models ${ARG_MODELS} ABSOLUTE)
    list(APPEND arguments --models ${models})
    file(GLOB_RECURSE model_files CONFIGURE_DEPENDS ${models}/*.yaml)
    foreach(file ${model_files})
      file(STRINGS ${file} line REGEX "^namespace: *[a-z]" LIMIT_COUNT 1)
      string(REGEX REPLACE "^namespace: *([a-z0-9_]*).*" "\\1" service "${line}")
      list(APPEND units models/${service})
      # A new namespace is a new file; so CMake has to look again when a model changes.
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    endforeach()
  endif()
  list(REMOVE_DUPLICATES units)
  list(APPEND units contracts/all)

  set(out ${CMAKE_CURRENT_BINARY_DIR}/${ARG_TARGET})
  set(headers)
  set(sources)
  foreach(unit ${units})
    list(APPEND headers ${out}/${unit}.h)
    list(APPEND sources ${out}/${unit}.cc)
  endforeach()
  if(TARGET tidingsc)
    set(compiler tidingsc)
  else()
    set(compiler Tidings::tidingsc)
  endif()
  add_custom_command(
    OUTPUT ${headers} ${sources}
    COMMAND ${compiler} generate ${arguments} --out ${out}
    DEPENDS ${compiler} ${contract_files} ${model_files}
    COMMENT "Generating ${ARG_TARGET} from contracts"
    VERBATIM)
  add_library(${ARG_TARGET} STATIC ${sources} ${headers} ${ARG_UPCASTS})
  target_compile_features(${ARG_TARGET} PUBLIC cxx_std_20)
  target_include_directories(${ARG_TARGET} PUBLIC ${out})
  if(TARGET tidings_contract)
    target_link_libraries(${ARG_TARGET} PUBLIC tidings_contract PRIVATE tidings_options)
  else()
    target_link_libraries(${ARG_TARGET} PUBLIC Tidings::tidings)
  endif()
endfunction()
