# tidings_contract_tests(TARGET <program to create> SOURCES <file>... SERVICES <service>...
#   [LIBRARIES <library>...] [RELEASED <bundle>] [USAGE <folder>])
#
# Makes a program of contract tests and registers it with CTest, for each service as a consumer and as
# a producer, and once for whether all services are there. One of SOURCES defines
# `void contract_tests(tidings::ContractTests&)`, which adds the services and their scenarios; see
# <tidings/testing/contract_tests.h>. LIBRARIES hold the services.
#
# RELEASED is the bundle of contracts that was released last: consumers must take its examples too.
# USAGE is where it is kept which fields each service uses: a test says when that has changed, and the
# target <TARGET>_keep_usage keeps it anew.
function(tidings_contract_tests)
  cmake_parse_arguments(ARG "" "TARGET;RELEASED;USAGE" "SOURCES;SERVICES;LIBRARIES" ${ARGN})
  foreach(required TARGET SOURCES SERVICES)
    if(NOT ARG_${required})
      message(FATAL_ERROR "tidings_contract_tests: ${required} is missing")
    endif()
  endforeach()
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "tidings_contract_tests: unknown argument ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  add_executable(${ARG_TARGET} ${ARG_SOURCES})
  target_link_libraries(${ARG_TARGET} PRIVATE ${ARG_LIBRARIES} tidings_contract_tests_main)

  set(released)
  if(ARG_RELEASED)
    get_filename_component(bundle ${ARG_RELEASED} ABSOLUTE)
    set(released --released ${bundle})
  endif()
  set(tests ${ARG_TARGET}.complete)
  add_test(NAME ${ARG_TARGET}.complete COMMAND ${ARG_TARGET} complete)
  set(keep)
  foreach(service ${ARG_SERVICES})
    foreach(side consumer producer)
      list(APPEND tests ${ARG_TARGET}.${side}.${service})
      add_test(NAME ${ARG_TARGET}.${side}.${service}
        COMMAND ${ARG_TARGET} ${released} ${side} ${service})
    endforeach()
    if(ARG_USAGE)
      get_filename_component(kept ${ARG_USAGE}/${service}.json ABSOLUTE)
      list(APPEND tests ${ARG_TARGET}.usage.${service})
      add_test(NAME ${ARG_TARGET}.usage.${service}
        COMMAND ${ARG_TARGET} usage ${service} --kept ${kept})
      list(APPEND keep COMMAND ${ARG_TARGET} usage ${service} --out ${kept})
    endif()
  endforeach()
  set_tests_properties(${tests} PROPERTIES LABELS contract TIMEOUT 120)
  if(keep)
    add_custom_target(${ARG_TARGET}_keep_usage ${keep} VERBATIM)
  endif()
endfunction()
