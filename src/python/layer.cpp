#include <nanobind/stl/optional.h>

#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>

#include "base/error_codes.hpp"
#include "packing/requirements.hpp"
#include "python/lambda.hpp"
#include "python/sessions.hpp"

namespace osbot_aws::python {
namespace {

template <class Call>
nb::object on_layer(nb::handle self, Call call) {
    Lambda_Layer_Options options;
    options.runtimes = texts(self, "runtimes");
    options.architecture = text(self, "architecture");
    options.description = text(self, "description");
    options.license_info = text(self, "license_info");
    options.s3_bucket = text(self, "s3_bucket");
    options.s3_folder = text(self, "s3_folder");
    return call_to_python(self, [name = text(self, "layer_name"), options = std::move(options),
                                 call = std::move(call)](const Session& session) mutable {
        options.session = session;
        Lambda_Layer layer(name, options);
        return call(layer);
    });
}

}  // namespace

void add_layer(nb::module_& core) {
    core.def("requirements_of", [](Value file, Value python) {
        const auto found = run_as_job([path = text_of(file, "requirements"), interpreter = text_of(python, "python")] {
            return packing::requirements_in(path, interpreter.empty() ? "python3" : interpreter);
        });
        if (found) return to_python(*found);
        if (found.error().code == codes::invalid_requirements) throw nb::value_error(found.error().message.c_str());
        const bool missing = !std::filesystem::exists(text_of(file, "requirements"));
        PyErr_SetString(missing ? PyExc_FileNotFoundError : PyExc_OSError, found.error().message.c_str());
        throw nb::python_error();
    });
    core.def("layer_create_from_folder", [](nb::handle self, Value folder, Value ignore) {
        return on_layer(self, [folder = text_of(folder, "folder"), ignore = texts_of(ignore, "ignore")](
                                  Lambda_Layer& layer) { return layer.create_from_folder(folder, ignore); });
    });
    core.def("layer_create_from_folder_via_s3", [](nb::handle self, Value folder, Value ignore) {
        return on_layer(self, [folder = text_of(folder, "source_folder"), ignore = texts_of(ignore, "ignore_pattern")](
                                  Lambda_Layer& layer) { return layer.create_from_folder_via_s3(folder, ignore); });
    });
    core.def("layer_create_from_zip_bytes", [](nb::handle self, Value zip_bytes) {
        return on_layer(self, [bytes = bytes_of(zip_bytes, "zip_bytes")](Lambda_Layer& layer) {
            return layer.create_from_zip_bytes(bytes);
        });
    });
    core.def("layer_create_from_s3", [](nb::handle self) {
        return on_layer(self, [](Lambda_Layer& layer) { return layer.create_from_s3(); });
    });
    core.def("layer_create_from_pip", [](nb::handle self, Value packages) {
        return on_layer(self, [packages = texts_of(packages, "packages")](Lambda_Layer& layer) {
            return response_or_error(layer.create_from_pip(packages));
        });
    });
    core.def("layer_latest",
             [](nb::handle self) { return on_layer(self, [](Lambda_Layer& layer) { return layer.latest(); }); });
    core.def(
        "layer_info",
        [](nb::handle self, std::optional<int> version) {
            return on_layer(self, [version](Lambda_Layer& layer) { return layer.info(version); });
        },
        nb::arg(), nb::arg().none());
    core.def("layer_versions", [](nb::handle self, int max_items) {
        return on_layer(self, [max_items](Lambda_Layer& layer) { return layer.versions(max_items); });
    });
    core.def("layer_layers", [](nb::handle self, Value index_by) {
        return on_layer(self, [by = text_of(index_by, "index_by")](Lambda_Layer& layer) {
            return by.empty() ? layer.layers() : layer.layers(by);
        });
    });
    core.def("layer_delete",
             [](nb::handle self) { return on_layer(self, [](Lambda_Layer& layer) { return layer.delete_(); }); });
    core.def("layer_delete_version", [](nb::handle self, int version) {
        return on_layer(self, [version](Lambda_Layer& layer) { return layer.delete_version(version); });
    });
    core.def("layer_code_zip",
             [](nb::handle self) { return on_layer(self, [](Lambda_Layer& layer) { return layer.code_zip(); }); });
    core.def("layer_bucket",
             [](nb::handle self) { return on_layer(self, [](Lambda_Layer& layer) { return layer.s3_bucket(); }); });
}

}  // namespace osbot_aws::python
