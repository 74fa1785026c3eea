#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/runtime/handler.hpp>

namespace osbot_aws {

/// A completed step of a deployment, or `waiting`: the reason why the function is not active after a second, on AWS and
/// while a local engine installs the packages of its runtime.
struct Deploy_Phase {
    std::string name;    ///< target, packed, role, uploaded, created, code, configuration, waiting, active, unchanged
    std::string detail;  ///< human-readable details
    std::chrono::microseconds took{0};  ///< duration of the step
};

/// Settings of Deploy_Lambda. Empty members take the documented default.
struct Deploy_Options {
    std::string lambda_name;  ///< empty: the handler's name; dots become `_`; up to 64 characters with the stage
    std::string stage;        ///< e.g. prod: the function's name is `NAME__prod`
    std::string handler;      ///< `function` or `module.function`, or an executable's handler; empty: detected
    std::string runtime;      ///< empty: provided.al2023, python3.11 or nodejs22.x, by the code
    Session session = {};     ///< target of the calls
    std::string architecture = "x86_64";    ///< x86_64 or arm64; an executable must be built for it
    std::vector<std::string> ignore = {};   ///< files of a folder to exclude: patterns of .gitignore
    std::vector<std::string> include = {};  ///< files to add although they are excluded by default, e.g. `.env.example`
};

/// Packages from PyPI to be deployed as a layer.
struct Packages_Using_Layer {
    std::vector<std::string> packages;          ///< requirements, e.g. requests, pandas==2.2.2
    bool skip_layer_creation_if_exists = true;  ///< false: always publishes a new version
};

/// The files of a Python module, found by the caller. Exactly one of `file`, `folders` and `source` is set.
struct Python_Module_Files {
    std::string name;                            ///< name for `import`, e.g. shop.orders
    std::filesystem::path file;                  ///< the file of a module
    std::vector<std::filesystem::path> folders;  ///< the folder of a package; a namespace package may have several
    std::string source;                          ///< the text of a module without a file
};

/// A Python function in a module or in a package. The whole package is deployed.
struct Python_Function {
    std::string handler;        ///< value of Lambda's Handler setting, e.g. shop.orders.run
    Python_Module_Files files;  ///< the top-level module or package, e.g. shop
};

/// Deploys a handler as a Lambda function: packs its code, creates the role and the bucket if needed, creates or
/// updates the function, and waits until it can be invoked. Unchanged code and settings are not sent.
///
///     Deploy_Lambda deploy{handler<process_order>};
///     deploy.deploy();
///     deploy.invoke({{"order_id", "ORD-1"}});
///
/// The same executable is the deploying program and the function: inside Lambda, the constructor runs the handler and
/// does not return. deploy() may be repeated, also after it was interrupted: it continues with the resources that
/// exist. The destructor does not delete the function.
///
/// Cost: one request if nothing changed, three for changed code, at most six for the first deployment, and additional
/// requests while waiting. A package of up to 50,000,000 bytes is sent with the request, unless OSBOT_LAMBDA_S3_BUCKET
/// names a bucket. A larger one is uploaded to S3. Lambda limits package and layers to 262,144,000 bytes unpacked.
/// Errors: constructors and add_...() methods throw Aws_Exception, naming the file or module. deploy() and update() do
/// not throw.
/// Example: examples/order_processor/main.cpp
/// Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
class Deploy_Lambda {
public:
    /// Deploys a function of this program: packs the running executable and the shared objects it uses, for the runtime
    /// provided.al2023. All constructors: InvalidName if the function's name has more than 64 characters.
    explicit Deploy_Lambda(const Handler_Ref& handler, const Deploy_Options& options = {});
    /// Deploys one of these:
    /// - a Python file, a folder, a zip, or an executable with registered handlers
    /// - `module:function`, a function of a Python module that the runtime's interpreter finds on this machine; the
    ///   current folder is searched too
    /// - the name of a function whose code is a container image, see set_container_image()
    ///
    /// In a Python file, the handler is the first of handler, lambda_handler, run and main, else its only public
    /// function with two parameters. Errors: NotFound (no such file); ModuleNotFound; InterpreterNotFound (python3 is
    /// needed to find a module); HandlerNotFound, listing the candidates (set Deploy_Options::handler to one); BadZip;
    /// FileError.
    explicit Deploy_Lambda(const std::filesystem::path& source, const Deploy_Options& options = {});
    /// Deploys a Python function whose files the caller has found.
    explicit Deploy_Lambda(const Python_Function& function, const Deploy_Options& options = {});
    ~Deploy_Lambda();
    Deploy_Lambda(Deploy_Lambda&&) noexcept;             ///< A moved-from object may only be destroyed.
    Deploy_Lambda& operator=(Deploy_Lambda&&) noexcept;  ///< A moved-from object may only be destroyed.

    // ---- contents of the package

    /// Adds the handler's code: the executable, the file or folder, or the whole top-level package of a module.
    /// deploy() calls this automatically.
    Deploy_Lambda& add_function_source_code();
    /// Adds a Python module that the runtime's interpreter finds on this machine: a package (all folders of a namespace
    /// package) or a single file. Modules that it imports are not added.
    /// Errors: ModuleNotFound; WrongPlatform if it has native parts that cannot run on the target.
    Deploy_Lambda& add_module(const std::string& module_name);
    /// Adds a Python module whose files the caller has found. Errors: WrongPlatform.
    Deploy_Lambda& add_module(const Python_Module_Files& files);
    Deploy_Lambda& add_modules(const std::vector<std::string>& module_names);  ///< calls add_module() for each
    Deploy_Lambda& add_osbot_utils();                                          ///< adds the module osbot_utils
    Deploy_Lambda& add_osbot_aws();                                            ///< adds osbot_aws and osbot_utils
    /// Adds a file under its own name, in a folder of the package or in its root. Errors: FileError.
    Deploy_Lambda& add_file(const std::filesystem::path& file, std::string_view folder = "");
    /// Adds a folder under its own name, except secrets (`.env*`), caches, version control, virtual environments,
    /// files of editors, and what the folder's .osbotignore or `ignore` excludes. `include` wins over all of them. The
    /// patterns have the syntax of .gitignore (docs/cli/deploy.md). Errors: FileError, InvalidPattern.
    Deploy_Lambda& add_folder(const std::filesystem::path& folder, const std::vector<std::string>& ignore = {},
                              const std::vector<std::string>& include = {});

    // ---- settings

    Deploy_Lambda& add_layer(std::string layer_version_arn);                        ///< adds a layer; at most 5
    Deploy_Lambda& add_layers(const std::vector<std::string>& layer_version_arns);  ///< calls add_layer() for each
    Deploy_Lambda& set_layers(std::vector<std::string> layer_version_arns);         ///< replaces all layers
    /// Adds a layer with these packages, named `layer_for__NAME`, and returns it. A new version is published unless the
    /// latest version has the same packages for the same runtime and architecture; this check is one request. Errors:
    /// LayerFailed, whose message is the error of Lambda_Layer::create_from_pip(), e.g. "WheelNotFound: ...".
    Lambda_Layer set_packages_using_layer(const Packages_Using_Layer& request);
    /// Adds a layer with these packages, unless its latest version already has them.
    Lambda_Layer set_packages_using_layer(const std::vector<std::string>& packages) {
        return set_packages_using_layer(Packages_Using_Layer{.packages = packages});
    }
    Deploy_Lambda& set_container_image(std::string image_uri);  ///< deploys an image of ECR instead of a package
    bool uses_container_image() const;                          ///< whether set_container_image() was called
    Deploy_Lambda& set_handler(std::string handler_path);       ///< sets the handler, `module.function`
    /// Sets an environment variable of the function. All variables together have up to 4 KB as JSON. A key has at least
    /// two characters: a letter, then letters, digits and `_`.
    Deploy_Lambda& set_env_variable(std::string key, std::string value);
    template <class Value>
    requires std::is_arithmetic_v<Value> || std::is_null_pointer_v<Value> Deploy_Lambda& set_env_variable(
        std::string key, Value value) = delete;  ///< a value is a text: std::to_string(value)
    /// Adds or replaces several variables and keeps the others.
    Deploy_Lambda& set_env_variables(const std::map<std::string, std::string>& variables);
    Deploy_Lambda& set_memory(int mb);         ///< memory in MB, 128 to 10,240
    Deploy_Lambda& set_timeout(int seconds);   ///< timeout in seconds, 1 to 900
    Deploy_Lambda& set_role(std::string arn);  ///< execution role; without it, an existing or shared role is used
    int memory() const;                        ///< Returns the memory in MB.
    int timeout() const;                       ///< Returns the timeout in seconds.
    /// Calls `callback` after each phase of a deployment, and for `waiting`.
    Deploy_Lambda& on_progress(std::function<void(const Deploy_Phase&)> callback);
    /// Prints each phase as a line on stderr, like `osbot deploy`.
    Deploy_Lambda& print_progress();

    // ---- deploy

    /// Creates or updates the function. Returns true if it is active and has this code and configuration, else false
    /// with the reason in last_error(). Waits up to one minute for each of code and configuration, and up to 30 seconds
    /// for a new role.
    bool deploy();
    /// Creates or updates the function, like deploy(). Status: ok with Lambda::configuration() as data; or error with
    /// "CODE: reason": AWS's codes; DeployFailed (the reason why the function is not active); RoleFailed (IAM's error);
    /// NoCode; CodeStorageExceeded (names the five largest files); NotExecutable and ArchitectureMismatch (of an
    /// executable); FileError.
    Status update();
    const std::string& last_error() const;  ///< Status::error of the last deploy() or update(); empty if it succeeded
    bool unchanged() const;                 ///< whether the last deploy() or update() found nothing to send

    Json invoke(const Json& payload = Json::object());                     ///< calls Lambda::invoke()
    std::future<Json> invoke_future(Json payload = Json::object()) const;  ///< calls Lambda::invoke_future()
    Json invoke_async(const Json& payload = Json::object());               ///< calls Lambda::invoke_async()
    Invoke_Logs invoke_return_logs(const Json& payload = Json::object());  ///< calls Lambda::invoke_return_logs()
    bool exists() const;                                                   ///< whether the function exists
    Json info() const;                                                     ///< calls Lambda::info()
    /// Deletes the function, its logs, and its code in S3 if a deployment uploaded it. Returns false if the function
    /// did not exist. Objects that were not stored by a deployment are not deleted.
    bool delete_();
    std::string function_url() const;  ///< the function's URL; empty if there is none
    std::vector<std::string> files();  ///< packs the code and lists the paths, sorted, each starting with `/`

    const std::string& name() const;  ///< the function's name, with its stage
    Lambda& lambda_function();        ///< the Lambda object, for everything else

private:
    struct Impl;
    friend Impl& impl_of(Deploy_Lambda& deploy);
    std::unique_ptr<Impl> impl_;
};

}  // namespace osbot_aws
