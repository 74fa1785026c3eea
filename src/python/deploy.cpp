#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "python/lambda.hpp"
#include "python/sessions.hpp"
#include "python/settings.hpp"

namespace osbot_aws::python {
namespace {

/// A Deploy_Lambda that only one call at a time may use. The settings are attributes of the Python object's Lambda;
/// calls that need the settings copy them from there.
struct Deploy {
    Deploy(Deploy_Lambda&& deploy_lambda, Session deploy_session)
        : lambda(std::move(deploy_lambda)), session(std::move(deploy_session)) {}

    std::mutex mutex;
    Deploy_Lambda lambda;
    const Session session;
};
using Deploy_Ptr = std::shared_ptr<Deploy>;

/// The object that Python owns. Calls reference only the Deploy, because they may finish in a thread without the GIL.
struct Python_Deploy {
    Deploy_Ptr deploy;
};

Python_Module_Files files_of(nb::handle module) {
    Python_Module_Files files{
        .name = text(module, "name"), .file = text(module, "file"), .folders = {}, .source = text(module, "source")};
    for (std::string& folder : texts(module, "folders")) files.folders.emplace_back(std::move(folder));
    return files;
}

/// Runs `call` with the settings of the Python Lambda, writes changed settings back, and returns the result.
template <class Call>
nb::object with_settings(const Python_Deploy& python, nb::handle function, Call call) {
    const Deploy_Ptr deploy = python.deploy;
    auto settings = std::make_shared<Lambda>(text(function, "name"), deploy->session);
    read_settings(function, *settings);
    auto result = run_as_job([deploy, settings, call = std::move(call)] {
        const std::lock_guard lock(deploy->mutex);
        deploy->lambda.lambda_function() = *settings;
        auto call_result = call(deploy->lambda);
        *settings = deploy->lambda.lambda_function();
        return call_result;
    });
    write_back_settings(*settings, function);
    return to_python(result);
}

template <class Source>
Python_Deploy make(nb::handle session, const Source& source, Deploy_Options options) {
    return {run_as_job(
        [sessions = nb::cast<const Python_Session&>(session).sessions, source, options = std::move(options)]() mutable {
            options.session = Sessions::Lease(sessions).session().for_another_thread();
            return std::make_shared<Deploy>(Deploy_Lambda(source, options), options.session);
        })};
}

Deploy_Options options_of(nb::handle python_options) {
    Deploy_Options options;
    options.lambda_name = text(python_options, "lambda_name");
    options.stage = text(python_options, "stage");
    options.handler = text(python_options, "handler");
    options.runtime = text(python_options, "runtime");
    options.architecture = text(python_options, "architecture");
    return options;
}

}  // namespace

void add_deploy(nb::module_& core) {
    nb::class_<Python_Deploy>(core, "Deploy")
        .def_static("of_function",
                    [](Value sessions, Value handler, Value module, Value options) {
                        return make(sessions,
                                    Python_Function{.handler = text_of(handler, "handler"), .files = files_of(module)},
                                    options_of(options));
                    })
        .def_static("of_path",
                    [](Value sessions, Value path, Value options) {
                        return make(sessions, std::filesystem::path(text_of(path, "handler")), options_of(options));
                    })
        .def_prop_ro("name", [](const Python_Deploy& python) { return to_python(python.deploy->lambda.name()); })
        .def_prop_ro(
            "runtime",
            [](const Python_Deploy& python) { return to_python(python.deploy->lambda.lambda_function().runtime); })
        .def_prop_ro(
            "handler",
            [](const Python_Deploy& python) { return to_python(python.deploy->lambda.lambda_function().handler); })
        .def_prop_ro(
            "s3_bucket",
            [](const Python_Deploy& python) { return or_none(python.deploy->lambda.lambda_function().s3_bucket); })
        .def_prop_ro("last_error",
                     [](const Python_Deploy& python) { return or_none(python.deploy->lambda.last_error()); })
        .def_prop_ro("unchanged", [](const Python_Deploy& python) { return python.deploy->lambda.unchanged(); })
        .def("update",
             [](const Python_Deploy& python, nb::handle function) {
                 return with_settings(python, function, [](Deploy_Lambda& d) { return d.update(); });
             })
        .def("delete",
             [](const Python_Deploy& python, nb::handle function) {
                 return with_settings(python, function, [](Deploy_Lambda& d) { return d.delete_(); });
             })
        .def("files",
             [](const Python_Deploy& python, nb::handle function) {
                 return with_settings(python, function, [](Deploy_Lambda& d) { return d.files(); });
             })
        .def("add_function_source_code",
             [](const Python_Deploy& python, nb::handle function) {
                 return with_settings(python, function,
                                      [](Deploy_Lambda& d) { return d.add_function_source_code().name(); });
             })
        .def("add_module",
             [](const Python_Deploy& python, nb::handle function, Value module) {
                 return with_settings(python, function, [files = files_of(module)](Deploy_Lambda& d) {
                     return d.add_module(files).name();
                 });
             })
        .def("add_file",
             [](const Python_Deploy& python, nb::handle function, Value file, Value folder) {
                 return with_settings(python, function,
                                      [file = text_of(file, "path"), folder = text_of(folder, "folder")](
                                          Deploy_Lambda& d) { return d.add_file(file, folder).name(); });
             })
        .def("add_folder",
             [](const Python_Deploy& python, nb::handle function, Value folder, Value ignore, Value include) {
                 return with_settings(python, function,
                                      [folder = text_of(folder, "source"), ignore = texts_of(ignore, "ignore"),
                                       include = texts_of(include, "include")](Deploy_Lambda& d) {
                                          return d.add_folder(folder, ignore, include).name();
                                      });
             })
        .def("set_packages_using_layer",
             [](const Python_Deploy& python, nb::handle function, Value packages, bool skip) {
                 const Packages_Using_Layer request{.packages = texts_of(packages, "packages"),
                                                    .skip_layer_creation_if_exists = skip};
                 // Returns the ARN, because write_back_settings() does not copy lists: Python adds the layer itself.
                 return with_settings(python, function, [request](Deploy_Lambda& d) {
                     const std::string layer = d.set_packages_using_layer(request).name();
                     return Json{{"layer_name", layer}, {"arn", d.lambda_function().layers.back()}};
                 });
             })
        .def("print_progress", [](const Python_Deploy& python) { python.deploy->lambda.print_progress(); });
}

}  // namespace osbot_aws::python
