// Tests the requirement's sections on Deploy_Lambda (docs/seed) on an in-memory engine.
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include <osbot_aws/aws/s3/S3.hpp>

#include "sdk/deploy_impl.hpp"
#include "unit/sdk/sdk_fixture.hpp"

namespace osbot_aws {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Json process_order(const Json& event, const Context&) { return event; }

struct Deploy_Lambda_Test : testing::Test, test::Sdk_Fixture {
    Deploy_Lambda_Test() { fs::current_path(folder.path()); }
    ~Deploy_Lambda_Test() override { fs::current_path(original_folder); }

    Deploy_Options options(const std::string& lambda_name = "", const std::string& stage = "") {
        return {.lambda_name = lambda_name, .stage = stage, .session = session};
    }
    fs::path original_folder = fs::current_path();
};

std::string code_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const Aws_Exception& failed) { return failed.code(); }
    return "";
}

TEST_F(Deploy_Lambda_Test, function_name_is_from_handler_or_options_with_the_stage) {
    EXPECT_EQ(Deploy_Lambda(handler<process_order>, options()).name(), "osbot_aws_process_order");
    EXPECT_EQ(Deploy_Lambda(handler<process_order>, options("my-api-function", "prod")).name(),
              "my-api-function__prod");
    const fs::path orders = file("orders.py", "def run(event, context): pass\n");
    EXPECT_EQ(Deploy_Lambda(orders, options()).name(), "orders");
    EXPECT_EQ(Deploy_Lambda(orders, options("", "dev")).name(), "orders__dev");
    EXPECT_EQ(Deploy_Lambda(orders, options("shop.orders")).name(), "shop_orders");
    EXPECT_EQ(code_of([&] { Deploy_Lambda(orders, options(std::string(65, 'x'))); }), "InvalidName");
}

TEST_F(Deploy_Lambda_Test, module_and_function_deploy_the_whole_top_level_package) {
    file("shop/__init__.py", "");
    file("shop/prices.py", "price = 3\n");
    file("shop/orders.py", "from shop.prices import price\ndef total(event, context):\n    return price * event\n");
    Deploy_Lambda deploy(fs::path("shop.orders:total"), options());
    EXPECT_EQ(deploy.name(), "shop_orders");
    EXPECT_THAT(deploy.add_function_source_code().files(),
                ElementsAre("/shop/__init__.py", "/shop/orders.py", "/shop/prices.py"));
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    EXPECT_EQ(deploy.invoke(14), 42);
    EXPECT_EQ(code_of([&] { Deploy_Lambda(fs::path("shop.nothing:run"), options()); }), "ModuleNotFound");
}

struct Language_Case {
    std::vector<const char*> files;
    const char *runtime, *handler;                    ///< options
    const char *expected_runtime, *expected_handler;  ///< runtime empty: HandlerNotFound
};

TEST_F(Deploy_Lambda_Test, language_of_a_folder_follows_runtime_handler_and_files) {
    const Language_Case cases[] = {
        // the files
        {{"lambda_function.py", "app.js"}, "", "", "python3.11", "lambda_function.run"},
        {{"lambda_function.py", "index.js"}, "", "", "python3.11", "lambda_function.run"},
        {{"job.py"}, "", "", "python3.11", "job.run"},
        {{"job.py", "package.json"}, "", "", "python3.11", "job.run"},
        {{"tool.py", "index.js"}, "", "", "nodejs22.x", "index.handler"},
        {{"app.py", "index.mjs", "package.json"}, "", "", "nodejs22.x", "index.handler"},
        {{"src/main.js", "package.json"}, "", "", "", ""},
        {{}, "", "", "", ""},
        // the file of the handler
        {{"app.py", "index.js", "package.json"}, "", "app.run", "python3.11", "app.run"},
        {{"shop/orders.py", "index.js", "package.json"}, "", "shop.orders.run", "python3.11", "shop.orders.run"},
        {{"shop/__init__.py", "index.js", "package.json"}, "", "shop.run", "python3.11", "shop.run"},
        {{"src/app.js", "package.json"}, "", "src/app.handler", "nodejs22.x", "src/app.handler"},
        {{"src/app.cjs", "app.py"}, "", "src/app.inner.handler", "nodejs22.x", "src/app.inner.handler"},
        {{"app.py", "app.js"}, "", "app.handler", "python3.11", "app.handler"},
        {{"app.js", "package.json"}, "", "in_a_layer.handler", "nodejs22.x", "in_a_layer.handler"},
        {{"app.js"}, "", "handler", "nodejs22.x", "app.handler"},
        // the runtime
        {{"app.py", "index.js", "package.json"}, "python3.12", "", "python3.12", "app.run"},
        {{"app.py", "index.js", "package.json"}, "python3.12", "x.y", "python3.12", "x.y"},
        {{"app.py", "index.js"}, "nodejs20.x", "", "nodejs20.x", "index.handler"},
        {{"app.py", "src/app.js"}, "nodejs20.x", "src/app.handler", "nodejs20.x", "src/app.handler"},
        {{"bootstrap", "app.py"}, "python3.12", "", "python3.12", "app.run"},
        {{"bootstrap", "app.py", "index.js"}, "", "", "provided.al2023", "bootstrap"},
    };
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        const std::string name = fmt::format("case{}", i);
        const auto& [files, runtime, handler, expected_runtime, expected_handler] = cases[i];
        fs::create_directory(folder.path() / name);
        for (const std::string path : files)
            file(name + "/" + path,
                 path.ends_with(".py") ? "def run(event, context): pass\n" : "{}\nexports.handler = 1;");
        if (fs::exists(name + "/package.json")) file(name + "/package.json", "{}");
        Deploy_Options settings = options();
        settings.runtime = runtime;
        settings.handler = handler;
        std::string found_runtime, found_handler;
        const std::string error = code_of([&] {
            Deploy_Lambda deploy(folder.path() / name, settings);
            found_runtime = deploy.lambda_function().runtime;
            found_handler = deploy.lambda_function().handler;
        });
        EXPECT_EQ(error, *expected_runtime == '\0' ? "HandlerNotFound" : "") << i;
        EXPECT_EQ(found_runtime, expected_runtime) << i;
        EXPECT_EQ(found_handler, expected_handler) << i;
    }
}

TEST_F(Deploy_Lambda_Test, npm_installs_packages_only_for_node) {
    fs::permissions(file("bin/npm", "#!/bin/sh\nexit 1\n"), fs::perms::owner_all);
    file("shop/lambda_function.py", "def run(event, context): pass\n");
    for (const char* name : {"src/app.js", "index.js"}) file(std::string("shop/") + name, "exports.handler = 1;\n");
    for (const char* name : {"package.json", "package-lock.json"}) file(std::string("shop/") + name, "{}");
    const std::string path_before = std::getenv("PATH");
    ::setenv("PATH", ((folder.path() / "bin").string() + ":" + path_before).c_str(), 1);
    const auto prepare = [&](const char* runtime, const char* handler) {
        Deploy_Options settings = options();
        settings.runtime = runtime;
        settings.handler = handler;
        Deploy_Lambda deploy(folder.path() / "shop", settings);
        impl_of(deploy).steps.packages_of_folder = true;
        return code_of([&] { impl_of(deploy).prepare_package(); });
    };
    EXPECT_EQ(prepare("python3.12", "lambda_function.run"), "");
    EXPECT_EQ(prepare("", "lambda_function.run"), "");
    EXPECT_EQ(prepare("nodejs22.x", "src/app.handler"), "InstallFailed");
    EXPECT_EQ(prepare("", "src/app.handler"), "InstallFailed");
    ::setenv("PATH", path_before.c_str(), 1);
}

TEST_F(Deploy_Lambda_Test, packs_modules_files_and_folders) {
    file("my_utils.py", "answer = 42\n");
    file("module1.py", "");
    file("module2/__init__.py", "");
    file("lib/native.so", "x");
    file("lib/notes.txt", "x");
    file("lib/__pycache__/a.pyc", "x");
    Deploy_Lambda deploy(file("orders.py", "import my_utils\ndef run(event, context):\n    return my_utils.answer\n"),
                         options());
    deploy.add_module("my_utils").add_modules({"module1", "module2"});
    deploy.add_file(file("config.json", "{}"), "config").add_folder(folder.path() / "lib", {"*.so"});
    EXPECT_THAT(deploy.files(), ElementsAre("/config/config.json", "/lib/notes.txt", "/module1.py",
                                            "/module2/__init__.py", "/my_utils.py", "/orders.py"));
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    EXPECT_EQ(deploy.invoke(), 42);
    EXPECT_EQ(code_of([&] { deploy.add_module("missing_module"); }), "ModuleNotFound");
    EXPECT_EQ(code_of([&] { deploy.add_file("missing.txt"); }), "FileError");
}

TEST_F(Deploy_Lambda_Test, packs_osbot_packages_like_other_modules) {
    file("osbot_utils/__init__.py", "");
    file("osbot_aws/__init__.py", "");
    Deploy_Lambda utils(file("orders.py", "def run(event, context): pass\n"), options());
    EXPECT_THAT(utils.add_osbot_utils().files(), ElementsAre("/orders.py", "/osbot_utils/__init__.py"));
    Deploy_Lambda both(folder.path() / "orders.py", options());
    EXPECT_THAT(both.add_osbot_aws().files(),
                ElementsAre("/orders.py", "/osbot_aws/__init__.py", "/osbot_utils/__init__.py"));
}

TEST_F(Deploy_Lambda_Test, set_env_variables_adds_and_layers_keep_their_order) {
    Deploy_Lambda deploy(file("orders.py", "def run(event, context): pass\n"), options());
    deploy.set_env_variable("API_KEY", "secret-value").set_env_variables({{"DEBUG", "true"}});
    deploy.add_layer("b:1").add_layers({"a:1", "b:1"});
    const Lambda& f = deploy.lambda_function();
    EXPECT_THAT(f.env_variables, ElementsAre(testing::Pair("API_KEY", "secret-value"), testing::Pair("DEBUG", "true")));
    EXPECT_THAT(f.layers, ElementsAre("b:1", "a:1"));
    EXPECT_THAT(deploy.set_layers({"c:1"}).lambda_function().layers, ElementsAre("c:1"));
}

TEST_F(Deploy_Lambda_Test, settings_have_the_same_setters_as_lambda) {
    Deploy_Lambda deploy(file("orders.py", "def run(event, context): pass\n"), options());
    deploy.set_memory(256).set_timeout(7).set_role("arn:aws:iam::000000000000:role/mine").set_handler("orders.run");
    Lambda by_hand("by_hand", session);
    by_hand.set_memory(256).set_timeout(7).set_role("arn:aws:iam::000000000000:role/mine").set_handler("orders.run");
    const Lambda& deployed = deploy.lambda_function();
    EXPECT_EQ(deploy.memory(), by_hand.memory);
    EXPECT_EQ(deploy.timeout(), by_hand.timeout);
    EXPECT_EQ(deployed.role, by_hand.role);
    EXPECT_EQ(deployed.handler, by_hand.handler);
}

TEST_F(Deploy_Lambda_Test, exists_info_and_delete_follow_the_function) {
    {
        Deploy_Lambda deploy(file("orders.py", "def run(event, context):\n    print('seen')\n    return event\n"),
                             options());
        EXPECT_FALSE(deploy.exists());
        ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
        EXPECT_EQ(deploy.invoke_async({{"user_id", "123"}})["StatusCode"], 202);
        const Json logged = deploy.invoke_return_logs({{"user_id", "123"}}).to_json();
        EXPECT_EQ(logged["status"], "ok");
        EXPECT_EQ(logged["return_value"], Json({{"user_id", "123"}}));
        EXPECT_THAT(logged["execution_logs"].get<std::string>(), HasSubstr("seen"));
        EXPECT_EQ(deploy.function_url(), "");
    }
    Deploy_Lambda second(folder.path() / "orders.py", options());
    EXPECT_TRUE(second.exists()) << "the destructor does not delete the function";
    EXPECT_EQ(second.info()["Configuration"]["FunctionName"], "orders");
    EXPECT_TRUE(second.delete_());
    EXPECT_FALSE(second.exists());
}

TEST_F(Deploy_Lambda_Test, on_progress_reports_each_completed_phase) {
    std::vector<std::string> phases;
    Deploy_Lambda deploy(file("orders.py", "def run(event, context): pass\n"), options());
    deploy.on_progress([&](const Deploy_Phase& phase) { phases.push_back(phase.name); });
    deploy.deploy();
    EXPECT_THAT(std::exchange(phases, {}), ElementsAre("target", "packed", "role", "uploaded", "created", "active"));
    deploy.deploy();
    EXPECT_THAT(std::exchange(phases, {}), ElementsAre("target", "packed", "unchanged"));
    deploy.set_memory(256).deploy();
    EXPECT_THAT(phases, ElementsAre("target", "packed", "configuration", "active"));
}

TEST_F(Deploy_Lambda_Test, configuration_phase_hides_variable_values) {
    const auto source = file("orders.py", "def run(event, context): pass\n");
    Deploy_Lambda(source, options())
        .set_memory(1024)
        .set_env_variables({{"KEY", "secret"}, {"STAYS", "1"}, {"LEVEL", "info"}})
        .deploy();
    Deploy_Lambda second(source, options());
    std::string detail;
    second.on_progress([&](const Deploy_Phase& phase) {
        if (phase.name == "configuration") detail = phase.detail;
    });
    second.set_memory(256).set_env_variables({{"STAYS", "1"}, {"LEVEL", "debug"}, {"NEW", "x"}}).deploy();
    EXPECT_EQ(detail, "MemorySize 1024 to 256, LEVEL changed, NEW added, KEY removed; the code is unchanged");
}

TEST_F(Deploy_Lambda_Test, update_returns_the_service_response) {
    Deploy_Lambda deploy(file("orders.py", "def run(event, context): pass\n"), options());
    const Status created = deploy.update();
    EXPECT_EQ(created.to_json()["status"], "ok");
    EXPECT_EQ(created.data["State"], "Active");
    deploy.set_memory(1);
    const Status rejected = deploy.update();
    EXPECT_EQ(rejected.status, "error");
    EXPECT_EQ(rejected.error, deploy.last_error());
    EXPECT_THAT(rejected.error, HasSubstr("memorySize"));
}

TEST_F(Deploy_Lambda_Test, configured_bucket_is_created_and_used) {
    ::setenv("OSBOT_LAMBDA_S3_BUCKET", "my-lambdas", 1);
    Deploy_Lambda deploy(file("orders.py", "def run(event, context):\n    return 1\n"), options("", "dev"));
    ::unsetenv("OSBOT_LAMBDA_S3_BUCKET");
    const auto sent = sent_by([&] { EXPECT_TRUE(deploy.deploy()) << deploy.last_error(); });
    EXPECT_THAT(sent, testing::IsSupersetOf({"PUT /my-lambdas", "PUT /my-lambdas/lambdas/orders__dev.zip"}));
    EXPECT_EQ(deploy.invoke(), 1);
}

TEST_F(Deploy_Lambda_Test, delete_removes_the_uploaded_code) {
    S3 s3(session);
    Deploy_Lambda deploy(file("orders.py", "def run(event, context):\n    return 1\n"), options());
    deploy.lambda_function().s3_bucket = "my-lambdas";
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    ASSERT_TRUE(s3.file_exists("my-lambdas", "lambdas/orders.zip"));
    EXPECT_TRUE(deploy.delete_());
    EXPECT_FALSE(s3.file_exists("my-lambdas", "lambdas/orders.zip"));
    EXPECT_FALSE(deploy.delete_());
}

TEST_F(Deploy_Lambda_Test, delete_keeps_objects_that_no_deployment_stored) {
    S3 s3(session);
    s3.bucket_create("my-lambdas");
    s3.file_upload_from_bytes("mine", "my-lambdas", "lambdas/orders.zip");
    Deploy_Lambda deploy(file("orders.py", "def run(event, context):\n    return 1\n"), options());
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    deploy.lambda_function().s3_bucket = "my-lambdas";
    EXPECT_TRUE(deploy.delete_());
    EXPECT_EQ(s3.file_contents("my-lambdas", "lambdas/orders.zip"), "mine");
}

TEST_F(Deploy_Lambda_Test, delete_without_access_to_s3_deletes_the_function) {
    Deploy_Lambda deploy(file("orders.py", "def run(event, context):\n    return 1\n"), options());
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    transport->instead = [](const wire::Request& request) -> std::optional<test::Recording_Transport::Response_Result> {
        if (request.method != "HEAD") return std::nullopt;
        return test::json_response(403, "");
    };
    EXPECT_TRUE(deploy.delete_());
    EXPECT_FALSE(deploy.exists());
}

TEST_F(Deploy_Lambda_Test, program_for_another_architecture_fails_without_requests) {
    Deploy_Options other = options();
#ifdef __aarch64__
    other.architecture = "x86_64";
#else
    other.architecture = "arm64";
#endif
    Deploy_Lambda deploy(handler<process_order>, other);
    EXPECT_THAT(sent_by([&] { EXPECT_FALSE(deploy.deploy()); }), IsEmpty());
    EXPECT_THAT(deploy.last_error(), HasSubstr("ArchitectureMismatch"));
}

TEST_F(Deploy_Lambda_Test, existing_package_layer_costs_one_request) {
    transport->instead = [](const wire::Request&) {
        return test::json_response(200, R"({"LayerVersions": [{"LayerVersionArn": "arn:layer:3", "Version": 3,
            "Description": "numpy pandas for python3.11 x86_64"}]})");
    };
    Deploy_Lambda deploy(file("orders.py", "def run(event, context): pass\n"), options());
    const auto sent = sent_by([&] { deploy.set_packages_using_layer({"pandas", "numpy"}); });
    EXPECT_THAT(sent, ElementsAre(HasSubstr("GET /2018-10-31/layers/layer_for__orders/versions")));
    EXPECT_THAT(deploy.lambda_function().layers, ElementsAre("arn:layer:3"));
    // Other packages need a new version. This requirement is rejected before an installer runs.
    EXPECT_EQ(code_of([&] { deploy.set_packages_using_layer({"pandas", "-r"}); }), "LayerFailed");
    EXPECT_EQ(
        code_of([&] { deploy.set_packages_using_layer({.packages = {"-r"}, .skip_layer_creation_if_exists = false}); }),
        "LayerFailed");
}

TEST_F(Deploy_Lambda_Test, image_is_deployed_by_name_without_packing) {
    transport->instead = [](const wire::Request& request) -> std::optional<Result<wire::Response>> {
        const std::string title = test::title_of(request);
        if (title == "POST /2015-03-31/functions")
            return test::json_response(201, R"({"State": "Active", "LastUpdateStatus": "Successful"})");
        return std::nullopt;
    };
    Deploy_Lambda deploy(fs::path("my-function"), options());
    EXPECT_FALSE(deploy.uses_container_image());
    deploy.set_container_image("123456789012.dkr.ecr.us-east-1.amazonaws.com/my-repo:latest");
    EXPECT_TRUE(deploy.uses_container_image());
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    const Json sent = Json::parse(transport->requests.back().body.bytes());
    EXPECT_EQ(sent["FunctionName"], "my-function");
    EXPECT_EQ(sent["PackageType"], "Image");
    EXPECT_EQ(sent["Code"], Json({{"ImageUri", "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-repo:latest"}}));
    EXPECT_THAT(deploy.files(), IsEmpty());
}

TEST_F(Deploy_Lambda_Test, missing_code_and_missing_file_are_errors) {
    Deploy_Lambda deploy(fs::path("my-function"), options());
    EXPECT_THAT(sent_by([&] { EXPECT_FALSE(deploy.deploy()); }), IsEmpty());
    EXPECT_THAT(deploy.last_error(), HasSubstr("'my-function' is not a file"));
    EXPECT_EQ(code_of([&] { Deploy_Lambda(fs::path("./orders.py"), options()); }), "NotFound");
}

}  // namespace
}  // namespace osbot_aws
