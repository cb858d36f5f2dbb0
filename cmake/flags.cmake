# SPDX-License-Identifier: GPL-2.0-or-later
# One target that everything of ours links: language, warnings, hardening.
include(CheckCCompilerFlag)

add_library(project_flags INTERFACE)
target_compile_features(project_flags INTERFACE c_std_11)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

target_compile_definitions(project_flags INTERFACE
  _GNU_SOURCE
  VZHA_VERSION="${PROJECT_VERSION}"
  VZHA_HELPER_DIR="${VZHA_HELPER_DIR}")

set(warnings
  -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wundef -Wvla
  -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wredundant-decls
  -Wpointer-arith -Wwrite-strings -Wcast-qual -Wcast-align -Wswitch-enum
  -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion -Wmissing-noreturn -Wdate-time
  # gcc only, probed like the rest
  -Wformat-signedness -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Walloc-zero
  -Wjump-misses-init)
set(hardening -fstack-protector-strong -fstack-clash-protection -fcf-protection -fno-common)

foreach(flag IN LISTS warnings hardening)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
  check_c_compiler_flag(${flag} ${have})
  if(${have})
    target_compile_options(project_flags INTERFACE ${flag})
  endif()
endforeach()

if(VZHA_WERROR)
  target_compile_options(project_flags INTERFACE -Werror)
endif()
if(VZHA_FUZZ)
  target_compile_options(project_flags INTERFACE
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(project_flags INTERFACE -fsanitize=address,undefined)
elseif(VZHA_SANITIZE)
  target_compile_options(project_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(project_flags INTERFACE -fsanitize=address,undefined)
else()
  # _FORTIFY_SOURCE needs an optimising build, and a distribution may set its own level.
  target_compile_options(project_flags INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  target_link_options(project_flags INTERFACE -Wl,--no-undefined)
endif()
target_link_options(project_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
