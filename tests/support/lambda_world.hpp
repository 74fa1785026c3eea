#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "base/zip_writer.hpp"
#include "services/lambda/functions.hpp"
#include "services/lambda/running/code_folders.hpp"
#include "services/lambda/running/invocations.hpp"
#include "store/store.hpp"
#include "support/fake_loop.hpp"

namespace osbot_aws::test_support {

/// Records all requests, and completes each invocation with `result`.
struct Fake_Invocations final : services::Invocations {
    std::vector<services::Invoke_Request> invoked, queued_events;
    std::vector<std::string> retired;
    std::map<std::string, std::size_t> provisions;  ///< the last request of each version
    std::map<std::string, Provisioned> ready;       ///< by version
    Result<services::Invoke_Result> result =
        services::Invoke_Result{.payload = "null", .function_error = {}, .log_tail = {}, .request_id = "id-1"};

    void invoke(services::Invoke_Request request, Done done) override {
        invoked.push_back(std::move(request));
        done(result);
    }
    bool reservation_is_used(const services::Function& function) const override {
        return function.reserved_concurrency.has_value();
    }
    std::string enqueue(services::Invoke_Request request) override {
        queued_events.push_back(std::move(request));
        return "queued-1";
    }
    void provision(const services::Function_Ptr& function, std::size_t count) override {
        provisions[function->version] = count;
    }
    Provisioned provisioned(const services::Function& function) const override {
        const auto found = ready.find(function.version);
        return found == ready.end() ? Provisioned{} : found->second;
    }
    void retire(const services::Account&, const std::string& name, const std::string& version) override {
        retired.push_back(version.empty() ? name : name + ":" + version);
    }
    void prepare(const std::string&, std::function<void()> done) override { done(); }
    std::vector<services::Function_Ptr> snapshots;
    std::function<void(const std::string& error_type)> snapshot_taken;  ///< of the last one
    void take_snapshot(const services::Function_Ptr& function, std::function<void(const std::string&)> done) override {
        snapshots.push_back(function);
        snapshot_taken = std::move(done);
    }
    void load() override {}
    void clear() override {}
    std::vector<Count> counts() const override { return {}; }
    std::size_t environments() const override { return 0; }
    std::size_t queued() const override { return queued_events.size(); }
};

inline std::string zip_of(const std::vector<std::pair<std::string, std::string>>& files) {
    std::vector<base::Zip_Entry> entries;
    for (const auto& [path, bytes] : files) entries.push_back({.path = path, .file = {}, .bytes = bytes});
    return base::write_zip(entries).value();
}

/// Lambda's control plane on a real in-memory store, with a Fake_Loop and without processes.
struct Lambda_World {
    Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    services::Context context{.loop = loop, .store = *store};
    base::Temporary_Folder folder;
    services::Code_Folders code{context, folder.path()};
    Fake_Invocations invocations;
    std::map<std::string, services::Image_Ptr, std::less<>> images;  ///< by URI and by "sha256:<digest>"
    services::Functions functions{context, code, invocations, dependencies()};
    services::Account account;
    const std::string role = "arn:aws:iam::000000000000:role/lambda", other_role = role + "-other";

    services::Functions_Dependencies dependencies() {
        return {.role_exists = [this](const services::Account&,
                                      std::string_view arn) { return arn == role || arn == other_role; },
                .image =
                    [this](std::string_view uri) {
                        const auto found = images.find(uri);
                        return found == images.end() ? nullptr : found->second;
                    }};
    }

    services::Create_Function hello(const std::string& name = "hello", const std::string& source = "print(1)") {
        services::Create_Function request;
        request.name = name;
        request.runtime = "python3.11";
        request.handler = "app.handler";
        request.role = role;
        request.code.zip = services::store_zip(store->blobs(), zip_of({{"app.py", source}}));
        return request;
    }
    void add_image(const std::string& uri, const std::string& digest) {
        auto image = std::make_shared<services::Image>();
        image->digest = digest;
        images[uri] = images["sha256:" + digest] = image;
    }
    services::Create_Function image_function(const std::string& uri, const std::string& name = "hello") const {
        services::Create_Function request;
        request.name = name;
        request.role = role;
        request.package_type = "Image";
        request.code.image_uri = uri;
        return request;
    }
    services::Function_Ptr active(const std::string& name = "hello") {
        functions.deployment.create(account, hello(name)).value();
        loop.run();
        return functions.registry.find(account, name).value();
    }
};

}  // namespace osbot_aws::test_support
