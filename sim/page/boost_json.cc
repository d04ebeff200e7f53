// Boost.JSON from its headers: Debian's library is for the machine, not for the page.
#include <boost/json/src.hpp>
