#include <nanobind/stl/optional.h>

#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>

#include "base/error_codes.hpp"
#include "packing/requirements.hpp"
#include "python/lambda.hpp"
#include "python/methods.hpp"
#include "python/sessions.hpp"

namespace osbot_aws::python {
namespace {

constexpr auto on_layer = [](nb::handle self, auto call) {
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
};

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
    add_method(core, "layer_create_from_folder", on_layer, &Lambda_Layer::create_from_folder, Text{"folder"},
               Texts{"ignore"});
    add_method(core, "layer_create_from_folder_via_s3", on_layer, &Lambda_Layer::create_from_folder_via_s3,
               Text{"source_folder"}, Texts{"ignore_pattern"});
    add_method(core, "layer_create_from_zip_bytes", on_layer, &Lambda_Layer::create_from_zip_bytes,
               Binary{"zip_bytes"});
    add_method(core, "layer_create_from_s3", on_layer, &Lambda_Layer::create_from_s3);
    add_method(core, "layer_create_from_pip", on_layer,
               with_error([](Lambda_Layer& layer, const std::vector<std::string>& packages) {
                   return layer.create_from_pip(packages);
               }),
               Texts{"packages"});
    add_method(core, "layer_latest", on_layer, &Lambda_Layer::latest);
    core.def(
        "layer_info",
        [](nb::handle self, std::optional<int> version) {
            return on_layer(self, [version](Lambda_Layer& layer) { return layer.info(version); });
        },
        nb::arg(), nb::arg().none());
    add_method(core, "layer_versions", on_layer, &Lambda_Layer::versions, Plain<int>{});
    add_method(
        core, "layer_layers", on_layer,
        [](const Lambda_Layer& layer, const std::string& by) { return by.empty() ? layer.layers() : layer.layers(by); },
        Text{"index_by"});
    add_method(core, "layer_delete", on_layer, &Lambda_Layer::delete_);
    add_method(core, "layer_delete_version", on_layer, &Lambda_Layer::delete_version, Plain<int>{});
    add_method(core, "layer_code_zip", on_layer, &Lambda_Layer::code_zip);
    add_method(core, "layer_bucket", on_layer, &Lambda_Layer::s3_bucket);
}

}  // namespace osbot_aws::python
