#include "services/lambda/functions.hpp"

namespace osbot_aws::services {

Functions::Functions(Context& context, Code_Folders& code, Invocations& invocations,
                     Functions_Dependencies dependencies)
    : layers(context, code),
      registry(context),
      urls(context, registry, dependencies.url_ports),
      policies(registry),
      aliases(registry, urls),
      versions(registry, urls, code, invocations),
      settings(registry, layers, invocations, dependencies.concurrency_max),
      event_invoke(context, registry),
      provisioned(context, registry, invocations, settings),
      code_signing(context),
      deployment({context, code, invocations, layers, registry, urls, versions}, std::move(dependencies)),
      code_(code) {
    code_.set_referenced([this] { return zips(); });
}

Functions::~Functions() { code_.set_referenced(nullptr); }

void Functions::load() {
    forget();
    layers.load();
    registry.load();
    urls.load();
    code_signing.load();
    deployment.load();
    provisioned.load();
}

void Functions::clear() {
    forget();
    urls.clear();
}

void Functions::forget() {
    layers.clear();
    registry.clear();
    deployment.clear();
    provisioned.clear();
    code_signing.clear();
}

std::set<std::string> Functions::zips() const {
    std::set<std::string> referenced = layers.zips();
    const auto add = [&](const Function_Ptr& function) {
        if (!function) return;
        for (std::string& zip : zips_of(*function)) referenced.insert(std::move(zip));
    };
    registry.for_each([&](const Function_Record& record) {
        add(record.latest);
        add(record.serving);
        for (const auto& [number, version] : record.versions) add(version);
    });
    return referenced;
}

}  // namespace osbot_aws::services
