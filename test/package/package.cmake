# SPDX-License-Identifier: GPL-2.0-or-later
set(here ${CMAKE_CURRENT_SOURCE_DIR}/package)
vzha_test(package versions COMMAND ${here}/versions.sh)
vzha_test(package deb COMMAND ${here}/deb.sh TIMEOUT 600)
set_tests_properties(package.deb PROPERTIES FIXTURES_SETUP debs)
vzha_test(package rpm COMMAND ${here}/rpm.sh TIMEOUT 400)
set_tests_properties(package.rpm PROPERTIES FIXTURES_REQUIRED debs)
vzha_test(package install COMMAND ${here}/install.sh TIMEOUT 600)
set_tests_properties(package.install PROPERTIES FIXTURES_REQUIRED debs)
# The same files in a bare Debian with nothing but the built packages
foreach(tool crm heartbeat)
  vzha_test(package article-${tool} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cluster/article.sh ${tool} clean
            TIMEOUT 400)
  set_tests_properties(package.article-${tool} PROPERTIES FIXTURES_REQUIRED debs)
endforeach()
