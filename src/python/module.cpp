// osbot_aws._core: what the Python package's classes call. Not for users: its functions take those classes' objects.
#include <nanobind/nanobind.h>

#include "python/errors.hpp"
#include "python/lambda.hpp"
#include "python/sessions.hpp"
#include "sdk/embedded_engine.hpp"

NB_MODULE(_core, core) {
    using namespace osbot_aws::python;
    // The interpreter's end comes without it: sessions outlive their objects in threads that wait.
    nanobind::set_leak_warnings(false);
    osbot_aws::enable_images();
    translate_errors();
    add_sessions(core);
    add_lambda(core);
    add_layer(core);
    add_deploy(core);
    add_services(core);
}
