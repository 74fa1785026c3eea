#include "services/iam/policy/positions.hpp"

#include <string>

namespace osbot_aws::services {
namespace {

/// Follows the nesting of a JSON text, character by character.
class Scanner {
public:
    explicit Scanner(std::vector<std::pair<Text_Position, Text_Position>>& places) : places_(places) {}

    void take(char c) {
        advance(c);
        if (in_text_) return take_text(c);
        if (c == '"') {
            in_text_ = true;
            text_.clear();
        } else if (c == '{' || c == '[') {
            open(c);
        } else if (c == '}' || c == ']') {
            close();
        }
    }

private:
    void advance(char c) {
        if (was_newline_) here_ = {here_.line + 1, 0};
        was_newline_ = c == '\n';
        ++here_.column;
    }
    void take_text(char c) {
        if (is_escaped_) {
            is_escaped_ = false;
        } else if (c == '\\') {
            is_escaped_ = true;
        } else if (c == '"') {
            in_text_ = false;
            if (depth_ == 1) in_statements_ = text_ == "Statement";
            return;
        }
        text_ += c;
    }
    void open(char c) {
        ++depth_;
        if (!in_statements_) return;
        if (depth_ == 2 && c == '[')
            is_list_ = true;
        else if (c == '{' && depth_ == (is_list_ ? 3 : 2))
            places_.push_back({here_, here_});
    }
    void close() {
        if (in_statements_ && depth_ == (is_list_ ? 3 : 2) && !places_.empty()) places_.back().second = here_;
        --depth_;
    }

    std::vector<std::pair<Text_Position, Text_Position>>& places_;
    Text_Position here_{1, 0};
    std::string text_;
    int depth_ = 0;
    bool in_text_ = false, is_escaped_ = false, was_newline_ = false, in_statements_ = false, is_list_ = false;
};

}  // namespace

std::vector<std::pair<Text_Position, Text_Position>> statement_places(std::string_view document) {
    std::vector<std::pair<Text_Position, Text_Position>> places;
    Scanner scanner(places);
    for (const char c : document) scanner.take(c);
    return places;
}

}  // namespace osbot_aws::services
