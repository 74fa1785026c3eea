// A function that reads an object and writes another. docs/guide/07 quotes it.
// [start program]
#include <cstdlib>
#include <iostream>

#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

using namespace osbot_aws;

// Handles an S3 notification, which names the bucket and the key.
Json count_lines(const Json& event, const Context&) {
    const Json& object = event.at("Records").at(0).at("s3");
    const std::string bucket = object.at("bucket").at("name"), key = object.at("object").at("key");

    S3 s3;
    const std::string text = s3.file_contents(bucket, key);
    const auto lines = std::count(text.begin(), text.end(), '\n');
    s3.file_upload_from_bytes(std::to_string(lines), bucket, key + ".lines");
    return {{"lines", lines}};
}

int main() {
    Deploy_Lambda deploy{handler<count_lines>};
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;

    S3 s3;
    s3.bucket_create("my-texts");
    s3.file_upload_from_bytes("one\ntwo\n", "my-texts", "a.txt");
    std::cout << deploy.invoke(
                     {{"Records", {{{"s3", {{"bucket", {{"name", "my-texts"}}}, {"object", {{"key", "a.txt"}}}}}}}}})
              << ' ' << s3.file_contents("my-texts", "a.txt.lines") << '\n';
}
// [end program]
