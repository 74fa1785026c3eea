#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "python/lambda.hpp"
#include "python/sessions.hpp"

namespace osbot_aws::python {
namespace {

/// A Deploy_Lambda and who may use it: one call at a time, whichever thread makes it. The Python object's Lambda has
/// the settings, and calls that need them take them from there.
struct Deploy {
    Deploy(Deploy_Lambda&& made, Session used) : lambda(std::move(made)), session(std::move(used)) {}

    std::mutex mutex;
    Deploy_Lambda lambda;
    const Session session;
};
using Deploy_Ptr = std::shared_ptr<Deploy>;

/// What Python holds. Calls keep the Deploy, not this: they may end in a thread that has no GIL.
struct Python_Deploy {
    Deploy_Ptr deploy;
};

Python_Module_Files files_of(nb::handle module) {
    Python_Module_Files files{
        .name = text(module, "name"), .file = text(module, "file"), .folders = {}, .source = text(module, "source")};
    for (std::string& folder : texts(module, "folders")) files.folders.emplace_back(std::move(folder));
    return files;
}

/// What `call` answers for the deploy with the settings of the Python Lambda; what it changed goes there.
template <class Call>
nb::object with_settings(const Python_Deploy& python, nb::handle function, Call call) {
    const Deploy_Ptr deploy = python.deploy;
    auto settings = std::make_shared<Lambda>(text(function, "name"), deploy->session);
    take_settings(function, *settings);
    auto answer = waiting([deploy, settings, call = std::move(call)] {
        const std::lock_guard lock(deploy->mutex);
        deploy->lambda.lambda_function() = *settings;
        auto said = call(deploy->lambda);
        *settings = deploy->lambda.lambda_function();
        return said;
    });
    give_settings(*settings, function);
    return to_python(answer);
}

template <class What>
Python_Deploy make(nb::handle session, const What& what, Deploy_Options options) {
    return {waiting(
        [from = nb::cast<const Python_Session&>(session).sessions, what, options = std::move(options)]() mutable {
            options.session = Sessions::Lease(from).session().for_another_thread();
            return std::make_shared<Deploy>(Deploy_Lambda(what, options), options.session);
        })};
}

Deploy_Options options_of(nb::handle given) {
    Deploy_Options options;
    options.lambda_name = text(given, "lambda_name");
    options.stage = text(given, "stage");
    options.handler = text(given, "handler");
    options.runtime = text(given, "runtime");
    options.architecture = text(given, "architecture");
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
                    [](Value sessions, Value what, Value options) {
                        return make(sessions, std::filesystem::path(text_of(what, "handler")), options_of(options));
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
             [](const Python_Deploy& python, nb::handle function, Value folder, Value ignore) {
                 return with_settings(python, function,
                                      [folder = text_of(folder, "source"), ignore = texts_of(ignore, "ignore")](
                                          Deploy_Lambda& d) { return d.add_folder(folder, ignore).name(); });
             })
        .def("set_packages_using_layer",
             [](const Python_Deploy& python, nb::handle function, Value packages, bool skip) {
                 const Packages_Using_Layer wanted{.packages = texts_of(packages, "packages"),
                                                   .skip_layer_creation_if_exists = skip};
                 // What it adds is not among the settings that come back: lists are the Python object's own.
                 return with_settings(python, function, [wanted](Deploy_Lambda& d) {
                     const std::string layer = d.set_packages_using_layer(wanted).name();
                     return Json{{"layer_name", layer}, {"arn", d.lambda_function().layers.back()}};
                 });
             })
        .def("print_progress", [](const Python_Deploy& python) { python.deploy->lambda.print_progress(); });
}

}  // namespace osbot_aws::python
