// osbot_aws._core, the native module. Internal: its functions take objects of the Python package's classes.
#include <nanobind/nanobind.h>

#include "python/errors.hpp"
#include "python/lambda.hpp"
#include "python/sessions.hpp"
#include "python/settings.hpp"
#include "sdk/embedded_engine.hpp"

NB_MODULE(_core, core) {
    using namespace osbot_aws::python;
    // At interpreter exit, waiting threads may still own sessions; these are not leaks.
    nanobind::set_leak_warnings(false);
    osbot_aws::enable_all_features();
    translate_errors();
    add_sessions(core);
    add_settings(core);
    add_lambda(core);
    add_layer(core);
    add_deploy(core);
    add_services(core);
}
