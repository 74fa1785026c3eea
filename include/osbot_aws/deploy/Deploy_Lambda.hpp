#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws {
namespace packing {
class Packed_Files;
}

/// One step of a deploy that is done.
struct Deploy_Phase {
    std::string name;    ///< target, packed, role, uploaded, created, code, configuration, active, unchanged
    std::string detail;  ///< for people: what exactly
    std::chrono::microseconds took{0};  ///< since the phase before
};

/// How Deploy_Lambda is told what it can't find out.
struct Deploy_Options {
    std::string lambda_name;  ///< empty: the handler's own name; dots become `_`; 64 characters, with the stage
    std::string stage;        ///< prod: the function is called `NAME__prod`
    std::string handler;      ///< for Python files and folders: `function` or `module.function`; empty: found
    std::string runtime;      ///< empty: provided.al2023 for executables, python3.11 for Python
    Session session = {};     ///< where to
    std::string architecture = "x86_64";   ///< or arm64; a program has to be built for it
    std::vector<std::string> ignore = {};  ///< of a folder: globs of names and relative paths that stay out
    /// For `osbot deploy --watch`, on a local engine: what was packed by the deploy before is not compressed again.
    std::shared_ptr<packing::Packed_Files> packed_before = {};
};

/// What a layer of packages from PyPI is made of.
struct Packages_Using_Layer {
    std::vector<std::string> packages;          ///< requirements: requests, pandas==2.2.2 ...
    bool skip_layer_creation_if_exists = true;  ///< false: a new version in any case
};

/// A Python module whose files the caller knows, as Python itself does. One of `file`, `folders` and `source`.
struct Python_Module_Files {
    std::string name;                            ///< as `import` says it: shop.orders
    std::filesystem::path file;                  ///< of a module that is one file
    std::vector<std::filesystem::path> folders;  ///< of a package; several of a namespace package
    std::string source;                          ///< of a module that has no file
};

/// A Python function, in a module or deeper in a package that goes along as a whole.
struct Python_Function {
    std::string handler;        ///< shop.orders.run
    Python_Module_Files files;  ///< of shop
};

/// From a function to a running Lambda: packs it, makes what is missing (role, bucket), creates or updates the
/// function, and waits until it can be invoked. What is unchanged is not sent.
///
///     Deploy_Lambda deploy{handler<process_order>};
///     deploy.deploy();
///     deploy.invoke({{"order_id", "ORD-1"}});
///
/// Inside Lambda the constructor does not return: it serves the handler, which is how the same executable is program
/// and function. deploy() may be repeated, and interrupted at any point: the next one goes on from what is there. The
/// end of the object deletes nothing, as the end of the document's `with` does not.
///
/// Cost: an unchanged deploy is one request; changed code three; the first one six at most, and what waiting takes.
/// A package of 50,000,000 bytes and less goes with the request, unless OSBOT_LAMBDA_S3_BUCKET names a bucket; a larger
/// one by S3; 262,144,000 bytes unpacked is Lambda's limit of it and its layers.
/// Errors: the constructors and adders throw Aws_Exception, naming the thing; deploy() and update() do not throw.
/// Example: examples/order_processor/main.cpp
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
class Deploy_Lambda {
public:
    /// A function of this program: packs the running executable, with the shared objects it was started with, for
    /// provided.al2023. Errors: InvalidName (over 64 characters), as do the others.
    explicit Deploy_Lambda(const Handler_Ref& handler, const Deploy_Options& options = {});
    /// A Python file, an executable with registered handlers, a folder, or a zip; `module:function` of a Python module
    /// that the runtime's interpreter finds on this machine, also from here; or the name of a function whose code is an
    /// image (set_container_image()).
    /// The handler of a Python file is the first of handler, lambda_handler, run and main, else its only public
    /// function of two parameters. Errors: NotFound when there is no such file; ModuleNotFound; InterpreterNotFound (a
    /// module needs python3 to be found); HandlerNotFound listing the candidates: name one in Deploy_Options::handler;
    /// BadZip; FileError.
    explicit Deploy_Lambda(const std::filesystem::path& what, const Deploy_Options& options = {});
    /// A Python function that is found already.
    explicit Deploy_Lambda(const Python_Function& function, const Deploy_Options& options = {});
    ~Deploy_Lambda();
    Deploy_Lambda(Deploy_Lambda&&) noexcept;             ///< What is moved from may only be destroyed.
    Deploy_Lambda& operator=(Deploy_Lambda&&) noexcept;  ///< as the constructor

    // ---- what goes into the package

    /// The handler's own code, which deploy() adds anyway: the executable, or the whole top-level package of a module.
    Deploy_Lambda& add_function_source_code();
    /// A Python module as the runtime's interpreter finds it on this machine: a package (all folders of a namespace
    /// package), or a single file. Modules it imports are not added with it.
    /// Errors: ModuleNotFound; WrongPlatform when it has native parts that can't run on the target.
    Deploy_Lambda& add_module(const std::string& module_name);
    /// The same, of files that the caller has found. Errors: WrongPlatform.
    Deploy_Lambda& add_module(const Python_Module_Files& files);
    Deploy_Lambda& add_modules(const std::vector<std::string>& module_names);  ///< add_module() of each
    Deploy_Lambda& add_osbot_utils();                                          ///< the module osbot_utils
    Deploy_Lambda& add_osbot_aws();                                            ///< and osbot_utils, which it needs
    /// One file under its own name, in a folder of the package or its root. Errors: FileError, as add_folder().
    Deploy_Lambda& add_file(const std::filesystem::path& file, std::string_view folder = "");
    /// The folder under its own name; `ignore` are globs of names and of paths in it. `__pycache__` never goes along.
    Deploy_Lambda& add_folder(const std::filesystem::path& folder, const std::vector<std::string>& ignore = {});

    // ---- settings

    Deploy_Lambda& add_layer(std::string layer_version_arn);  ///< beside those set before; 5 at most
    Deploy_Lambda& add_layers(const std::vector<std::string>& layer_version_arns);  ///< add_layer() of each
    Deploy_Lambda& set_layers(std::vector<std::string> layer_version_arns);         ///< instead of those set before
    /// Adds the layer `layer_for__NAME` with these packages, which is published unless its latest version has just
    /// them, for this runtime and architecture. One request when it has. Errors: LayerFailed, with what
    /// Lambda_Layer::create_from_pip() says: "WheelNotFound: ..." and its kin.
    Lambda_Layer set_packages_using_layer(const Packages_Using_Layer& wanted);
    /// With the defaults.
    Lambda_Layer set_packages_using_layer(const std::vector<std::string>& packages) {
        return set_packages_using_layer(Packages_Using_Layer{.packages = packages});
    }
    Deploy_Lambda& set_container_image(std::string image_uri);  ///< of ECR; nothing is packed then
    bool uses_container_image() const;                          ///< set_container_image() was called
    Deploy_Lambda& set_handler(std::string handler_path);       ///< module.function
    /// Seen by the function; up to 4 KB in all, as JSON. A key has two characters or more: a letter, then letters,
    /// digits and `_`.
    Deploy_Lambda& set_env_variable(std::string key, std::string value);
    Deploy_Lambda& set_env_variables(const std::map<std::string, std::string>& variables);  ///< beside those set before
    Deploy_Lambda& set_memory(int mb);                                                      ///< MB, 128 to 10'240
    Deploy_Lambda& set_timeout(int seconds);                                                ///< seconds, 1 to 900
    Deploy_Lambda& on_progress(std::function<void(const Deploy_Phase&)> callback);  ///< Calls back after each phase.
    /// Phases as lines on stderr, as `osbot deploy` shows them.
    Deploy_Lambda& print_progress();

    // ---- deploy

    /// True: the function is there, active, and has this code and configuration. False: last_error() says why. Waits
    /// for the service, up to a minute for each of code and configuration, and up to 30 seconds for a role that was
    /// just made.
    bool deploy();
    /// The same: ok, with the function's configuration as `data`, as Lambda::configuration() has it; or error, with
    /// "CODE: why": AWS's codes, of creating as of changing; DeployFailed (why the function is not active); RoleFailed
    /// (what IAM said); NoCode; CodeStorageExceeded (names the five largest files); NotExecutable and
    /// ArchitectureMismatch (of a program); FileError.
    Status update();
    const std::string& last_error() const;  ///< Status::error of the last deploy() or update(); empty: none
    bool unchanged() const;                 ///< the last one found nothing to send

    Json invoke(const Json& payload = Json::object());                     ///< Lambda::invoke()
    Json invoke_async(const Json& payload = Json::object());               ///< Lambda::invoke_async()
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());  ///< Lambda::invoke_return_logs()
    bool exists() const;                                                   ///< the function
    Json info() const;                                                     ///< Lambda::info()
    bool delete_();                    ///< the function and its logs; false: there was none
    std::string function_url() const;  ///< empty: there is none
    std::vector<std::string> files();  ///< in the package, which it packs: each with a `/` before it, in order

    const std::string& name() const;  ///< of the function, with its stage
    Lambda& lambda_function();        ///< everything else one may do with it

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws
