#include "wire/xml.hpp"

#include <utility>

#include "base/utf8.hpp"

namespace osbot_aws::wire {
namespace {

struct String_Writer final : pugi::xml_writer {
    std::string text;
    void write(const void* data, std::size_t size) override { text.append(static_cast<const char*>(data), size); }
};

}  // namespace

pugi::xml_node add_root(pugi::xml_document& document, const char* name, std::string_view xmlns) {
    auto root = document.append_child(name);
    if (!xmlns.empty()) root.append_attribute("xmlns").set_value(std::string(xmlns).c_str());
    return root;
}

pugi::xml_node add_element(pugi::xml_node parent, const char* name, std::string_view text) {
    auto element = parent.append_child(name);
    if (!text.empty()) element.append_child(pugi::node_pcdata).set_value(std::string(text).c_str());
    return element;
}

std::string xml_text(const pugi::xml_document& document) {
    String_Writer writer;
    writer.text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    document.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
    return std::move(writer.text);
}

Error malformed_xml() {
    return {"MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema",
            400};
}

Result<pugi::xml_document> parse_xml(std::string_view text) {
    pugi::xml_document document;
    // Whitespace is preserved in elements without child elements, because an object key may be a single space.
    constexpr unsigned flags = pugi::parse_default | pugi::parse_ws_pcdata_single;
    if (!base::is_utf8(text)) return malformed_xml();
    if (!document.load_buffer(text.data(), text.size(), flags, pugi::encoding_utf8)) return malformed_xml();
    return document;
}

}  // namespace osbot_aws::wire
