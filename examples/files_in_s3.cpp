// A function that reads an object and writes another. docs/guide/07 quotes it.
// [start program]
#include <algorithm>
#include <iostream>

#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>
#include <osbot_aws/events/S3_Event.hpp>

using namespace osbot_aws;

// Handles an S3 notification. S3 encodes the key in it ("my+text.txt"); S3_Event decodes it.
Json count_lines(const Json& event, const Context&) {
    const auto notification = event.get<events::S3_Event>();
    const events::S3_Entity& changed = notification.Records.at(0).s3;

    S3 s3;
    const std::string text = s3.file_contents(changed.bucket.name, changed.object.key);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    s3.file_upload_from_bytes(std::to_string(lines), changed.bucket.name, changed.object.key + ".lines");
    return {{"lines", lines}};
}

int main() {
    Deploy_Lambda deploy{handler<count_lines>};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;

    S3 s3;
    s3.bucket_create("my-texts");
    s3.file_upload_from_bytes("one\ntwo\n", "my-texts", "my text.txt");
    events::S3_Event event;
    event.Records.push_back({.s3 = {.bucket = {.name = "my-texts"}, .object = {.key = "my text.txt"}}});
    std::cout << deploy.invoke(event) << ' ' << s3.file_contents("my-texts", "my text.txt.lines") << '\n';
}
// [end program]
