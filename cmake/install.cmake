# What `cmake --install` puts where, and what `./dev package` packs. Scenarios, clients and lessons are in the binary; their files go
# along with the documents that link to them. Manual pages and completions are what the binary itself prints.
include(GNUInstallDirs)

install(TARGETS racelab RUNTIME)
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs scenarios strategies DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The pages for a browser, where `./dev page` has built them.
install(FILES build/page/racelab.html build/page/result.html build/page/phone.html
  DESTINATION ${CMAKE_INSTALL_DATADIR}/racelab/page OPTIONAL)

# Debian's zsh looks elsewhere than others.
set(zsh_folder ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
if(EXISTS /etc/debian_version)
  set(zsh_folder ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
endif()
find_program(GZIP gzip)
set(RACELAB_PRINTED_BY $<TARGET_FILE:racelab>)
configure_file(cmake/install_printed.cmake.in ${PROJECT_BINARY_DIR}/install_printed.cmake.in @ONLY)
file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/install_printed.cmake INPUT ${PROJECT_BINARY_DIR}/install_printed.cmake.in)
install(SCRIPT ${PROJECT_BINARY_DIR}/install_printed.cmake)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME racelab)
set(CPACK_PACKAGE_VENDOR racelab)
set(CPACK_PACKAGE_CONTACT "The racelab maintainers <racelab@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "deterministic simulator and explorer of race conditions")
set(CPACK_PACKAGE_DESCRIPTION
  "racelab runs the ways an endpoint can change data against races, lost replies,
 retries and crashes, in a deterministic simulator, and says exactly which
 updates were lost, which were done twice, and why.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql, mariadb-server, bash-completion")
include(CPack)
