#pragma once

#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace osbot_aws::wire {

/// <name xmlns="name_space"> as the root; no xmlns when `name_space` is empty.
pugi::xml_node add_root(pugi::xml_document& document, const char* name, std::string_view name_space = {});

/// <name>text</name> at the end of `parent`.
pugi::xml_node add_element(pugi::xml_node parent, const char* name, std::string_view text);
inline pugi::xml_node add_element(pugi::xml_node parent, const char* name, const char* text) {
    return add_element(parent, name, std::string_view(text));
}
inline pugi::xml_node add_element(pugi::xml_node parent, const char* name, bool value) {
    return add_element(parent, name, std::string_view(value ? "true" : "false"));
}

/// With declaration, without white space between the elements.
std::string xml_text(const pugi::xml_document& document);

/// What a document that does not say what it should is answered with, in S3's words.
Error malformed_xml();

/// A client's document.
/// Errors: MalformedXML.
Result<pugi::xml_document> parse_xml(std::string_view text);

}  // namespace osbot_aws::wire
