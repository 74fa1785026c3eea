#include "store/records.hpp"

#include <cassert>

namespace osbot_aws::store {

std::size_t read_json_records(Store& store, const Record_Kind& kind, bool rewrite, const Take_Json& take) {
    assert(kind.version == 1 || kind.upgrade != nullptr);
    return store.read_records(kind.name, kind.version, [&](const Record& record) {
        const bool is_old = record.version < kind.version;
        const Json json = is_old ? kind.upgrade(record.value, record.version) : base::parse_json_or_throw(record.value);
        take(record.key, json);
        if (is_old && rewrite) store.put(kind.name, record.key, base::dump_json_lossy(json), kind.version);
    });
}

}  // namespace osbot_aws::store
