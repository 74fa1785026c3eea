#include "python/errors.hpp"

#include <osbot_aws/core/Error.hpp>

#include "python/conversions.hpp"

namespace osbot_aws::python {

void translate_errors() {
    nb::register_exception_translator([](const std::exception_ptr& cpp_exception, void*) {
        try {
            std::rethrow_exception(cpp_exception);
        } catch (const Aws_Exception& aws_exception) {
            const Error& error = aws_exception.error();
            const nb::object exception =
                nb::module_::import_("osbot_aws.core.Error")
                    .attr("error_of")(to_python(error.code), to_python(error.message), error.http_status);
            PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
        }
    });
}

}  // namespace osbot_aws::python
