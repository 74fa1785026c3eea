// Records of the store, as a damaged disk or another version may leave them: an engine that reads them at its start
// either starts or refuses with an exception. Each line of the input is a record: its kind, its version, its key and
// its value, separated by tabs.

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/numbers.hpp"
#include "engine_world.hpp"
#include "fuzz.hpp"

using namespace osbot_aws;

namespace {

std::string text_of(const fuzz::Memory_Store& store) {
    std::string text;
    for (const auto& [kind, records] : store.records)
        for (const auto& [key, record] : records)
            text += kind + "\t" + std::to_string(record.version) + "\t" + key + "\t" + record.value + "\n";
    return text;
}

}  // namespace

/// The records that the requests of tests/contract/data leave.
std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const std::string& block : fuzz::contract_blocks()) {
        const base::Temporary_Folder folder("fuzz", fuzz::memory_folder());
        fuzz::Memory_Store store(folder.path());
        fuzz::Engine_World world(store, folder.path());
        world.run(fuzz::parse_steps(block), [](const wire::Response&, const std::string&) {});
        if (std::string text = text_of(store); !text.empty()) all.push_back(std::move(text));
    }
    return all;
}

void run_target(std::string_view bytes) {
    const base::Temporary_Folder folder("fuzz", fuzz::memory_folder());
    fuzz::Memory_Store store(folder.path());
    for (std::string_view rest = bytes; !rest.empty();) {
        std::string_view value = base::take_until(rest, '\n');
        const std::string_view kind = base::take_until(value, '\t');
        const int version = base::parse_number<int>(base::take_until(value, '\t')).value_or(1);
        const std::string_view key = base::take_until(value, '\t');
        store.put(kind, std::string(key), std::string(value), version);
    }
    fuzz::Engine_World world(store, folder.path());
    world.loop.advance(std::chrono::seconds(1));
}
