#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::wire {

/// Adds the root element <name xmlns="...">, without the attribute if `xmlns` is empty.
pugi::xml_node add_root(pugi::xml_document& document, const char* name, std::string_view xmlns = {});

/// Appends <name>text</name> to `parent`.
pugi::xml_node add_element(pugi::xml_node parent, const char* name, std::string_view text);
inline pugi::xml_node add_element(pugi::xml_node parent, const char* name, const char* text) {
    return add_element(parent, name, std::string_view(text));
}
inline pugi::xml_node add_element(pugi::xml_node parent, const char* name, bool value) {
    return add_element(parent, name, std::string_view(value ? "true" : "false"));
}

/// Returns the document as text, with a declaration and without whitespace between the elements.
std::string xml_text(const pugi::xml_document& document);

/// Returns S3's error for a malformed document.
Error malformed_xml();

/// Parses a client's document. Errors: MalformedXML.
Result<pugi::xml_document> parse_xml(std::string_view text);

}  // namespace osbot_aws::wire
