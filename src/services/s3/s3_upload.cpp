#include "services/s3/s3_upload.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "base/numbers.hpp"
#include "services/s3/chunked_body.hpp"
#include "store/blob_writer.hpp"
#include "store/store.hpp"
#include "wire/aws_chunked.hpp"
#include "wire/body_stream.hpp"

namespace osbot_aws::services {
namespace {

using Received = std::function<void(Result<S3_Upload>)>;

constexpr std::size_t waiting_bytes_max = 512 << 10;  // per upload; above, its client has to wait
constexpr std::size_t copied_piece_bytes = 256 << 10;

bool is_chunked(const wire::Headers& headers) {
    return headers["Content-Encoding"].find("aws-chunked") != std::string_view::npos || declares_chunks(headers);
}

Error too_large() { return {"EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400}; }

/// Processes the bytes of an upload: decode(), check() and store_bytes(), each in the order of the bytes, then
/// finish(). These three share no state, so they may process different bytes at the same time.
class Intake {
public:
    /// A small body is stored in memory instead of a temporary file.
    Intake(store::Store& store, const wire::Headers& headers, const S3_Added_Checksum& added_checksum, bool small)
        : store_(store),
          chunked_(is_chunked(headers)),
          declared_(base::parse_number<std::uint64_t>(headers["x-amz-decoded-content-length"])),
          integrity_(headers, added_checksum),
          refused_(integrity_.failed()) {
        if (declared_.value_or(0) > upload_bytes_max) refused_ = too_large();
        if (!small && !refused_) file_ = std::make_unique<store::Blob_Writer>(store.blobs(), store.temporary_folder());
    }

    /// Requires that the chunks of the body are signed.
    void verify(wire::Chunk_Signatures signatures) { decoder_.verify(std::move(signatures)); }

    /// Returns the error in the headers of the request, if any.
    const std::optional<Error>& refused() const { return refused_; }

    /// Decodes the next piece of the body and passes the object's bytes to `sink`.
    Result<void> decode(std::string_view piece, const std::function<Result<void>(std::string_view)>& sink) {
        const auto count = [&](std::string_view bytes) -> Result<void> {
            size_ += bytes.size();
            if (size_ > upload_bytes_max) return too_large();
            return sink(bytes);
        };
        return chunked_ ? decoder_.feed(piece, count) : count(piece);
    }
    void check(std::string_view bytes) { integrity_.update(bytes); }
    Result<void> store_bytes(std::string_view bytes) {
        if (file_) return file_->write(bytes);
        bytes_ += bytes;
        return {};
    }

    Result<S3_Upload> finish() {
        if (chunked_) {
            OSBOT_TRY(decoder_.finish());
            if (declared_.value_or(size_) != size_) return incomplete();
        }
        OSBOT_TRY(auto sums, integrity_.check(decoder_.trailers()));
        OSBOT_TRY(auto blob, file_ ? file_->finish() : store_.blobs().put(bytes_));
        return S3_Upload{.blob = std::move(blob), .sums = std::move(sums)};
    }

private:
    static Error incomplete() {
        return {"IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header",
                400};
    }

    store::Store& store_;
    const bool chunked_;
    const std::optional<std::uint64_t> declared_;
    S3_Integrity integrity_;
    std::optional<Error> refused_;
    wire::Aws_Chunked_Decoder decoder_;
    std::uint64_t size_ = 0;
    std::unique_ptr<store::Blob_Writer> file_;  // null: the bytes are in bytes_
    std::string bytes_;
};

/// Receives a streamed body. Two workers process the bytes that the loop receives, one verifies and one stores them,
/// because MD5 alone takes as long as everything else. The client has to wait if the buffer is full. The stream's
/// functions have references to this object until the stream ends.
class Streamed_Upload : public std::enable_shared_from_this<Streamed_Upload> {
public:
    Streamed_Upload(Context& context, std::unique_ptr<Intake> intake, std::shared_ptr<wire::Body_Stream> stream,
                    Received done)
        : context_(context), stream_(std::move(stream)), intake_(std::move(intake)), done_(std::move(done)) {}

    void begin() {
        if (intake_->refused()) return report(*intake_->refused());
        stream_->read([self = shared_from_this()](std::string_view piece) { self->take(piece); },
                      [self = shared_from_this()](const wire::Body_Stream::End& end) { self->ended(end.complete); });
    }

private:
    void take(std::string_view piece) {
        if (!done_ || failed_) return;
        const auto wait = [this](std::string_view bytes) { return buffered_ += bytes, Result<void>{}; };
        if (auto decoded = intake_->decode(piece, wait); !decoded) failed_ = decoded.error();
        if (buffered_.size() > waiting_bytes_max) stream_->pause();
        work();
    }

    void ended(bool complete) {
        if (!done_) return;
        ended_ = true;
        if (!complete)
            failed_ = Error{"RequestTimeout",
                            "Your socket connection to the server was not read from or written to within the timeout "
                            "period. Idle connections will be closed.",
                            400};
        work();
    }

    void work() {
        if (workers_ > 0 || !done_) return;
        if (failed_) return report(*failed_);
        if (buffered_.empty() && ended_) return finish();
        if (buffered_.empty()) return;
        in_work_.clear();
        std::swap(in_work_, buffered_);
        start([this] { intake_->check(in_work_); });
        start([this] { stored_ = intake_->store_bytes(in_work_); });
    }

    void start(std::function<void()> job) {
        ++workers_;
        context_.loop.run_blocking(std::move(job), [self = shared_from_this()] { self->worked(); });
    }

    void worked() {
        if (--workers_ > 0) return;
        if (!stored_) failed_ = stored_.error();
        if (stream_->paused()) stream_->request_more();
        work();
    }

    void finish() {
        ++workers_;
        context_.loop.run_blocking([self = shared_from_this()] { self->outcome_ = self->intake_->finish(); },
                                   [self = shared_from_this()] { self->report(std::move(self->outcome_)); });
    }

    void report(Result<S3_Upload> outcome) {
        intake_.reset();  // deletes the incomplete file
        const auto done = std::exchange(done_, nullptr);
        done(std::move(outcome));
        if (stream_->paused()) stream_->request_more();
    }

    Context& context_;
    std::shared_ptr<wire::Body_Stream> stream_;
    std::unique_ptr<Intake> intake_;
    Received done_;
    std::string buffered_, in_work_;
    int workers_ = 0;  // while they run, only they use in_work_
    bool ended_ = false;
    std::optional<Error> failed_;
    Result<void> stored_;
    Result<S3_Upload> outcome_ = Error{};
};

Result<void> feed(Intake& intake, std::string_view piece) {
    return intake.decode(piece, [&intake](std::string_view bytes) {
        intake.check(bytes);
        return intake.store_bytes(bytes);
    });
}

Result<void> feed_all(Intake& intake, store::Blob_Reader& source) {
    std::string piece;
    while (!source.finished()) {
        OSBOT_TRY(source.read(piece, copied_piece_bytes));
        OSBOT_TRY(feed(intake, piece));
    }
    return {};
}

/// Feeds the intake on a worker, then finishes it.
void run_intake(base::Loop& loop, std::unique_ptr<Intake> intake, std::function<Result<void>(Intake&)> feed_bytes,
                Received done) {
    struct Work {
        std::unique_ptr<Intake> intake;
        std::function<Result<void>(Intake&)> feed_bytes;
        Received done;
        Result<S3_Upload> outcome = Error{};
    };
    auto work = std::make_shared<Work>(Work{std::move(intake), std::move(feed_bytes), std::move(done)});
    loop.run_blocking(
        [work] {
            const auto refused = work->intake->refused();
            const auto fed = refused ? Result<void>(*refused) : work->feed_bytes(*work->intake);
            work->outcome = fed ? work->intake->finish() : Result<S3_Upload>{fed.error()};
        },
        [work] { work->done(std::move(work->outcome)); });
}

/// Verifies x-amz-content-sha256 against the blob of the body. Not for copies, whose requests have an empty body.
Result<void> check_sent_sha256(const Call& call, const store::Blob& blob) {
    return call.fields().has("CopySource") ? Result<void>() : check_content_sha256(call, [&] { return blob.sha256(); });
}

/// Receives a body on workers. `done` is called once, on the loop.
void receive_upload(Context& context, const wire::Headers& headers, wire::Body body,
                    const S3_Added_Checksum& added_checksum, Received done) {
    auto intake = std::make_unique<Intake>(context.store, headers, added_checksum, !body.stream());
    if (auto signatures = chunk_signatures(context.keys, headers)) intake->verify(std::move(*signatures));
    if (auto stream = body.stream()) {
        std::make_shared<Streamed_Upload>(context, std::move(intake), std::move(stream), std::move(done))->begin();
        return;
    }
    run_intake(
        context.loop, std::move(intake), [bytes = body.take()](Intake& to) { return feed(to, bytes); },
        std::move(done));
}

/// Returns the function that finishes a call after its bytes were received.
Received finish_of(S3& s3, Call call, Receive_Finish finish, Answer answer) {
    return [&s3, answer = std::move(answer), finish = std::move(finish),
            call = std::move(call)](const Result<S3_Upload>& upload) {
        if (!upload) return answer(refuse_integrity(call, upload.error()));
        if (auto checked = check_sent_sha256(call, *upload->blob); !checked) return answer(checked.error());
        auto output = finish(s3, call, *upload);
        answer(output ? Result<Output>(std::move(*output)) : output.error());
    };
}

}  // namespace

void receive(S3& s3, Call call, const S3_Added_Checksum& added_checksum, Receive_Finish finish, const Answer& answer) {
    wire::Body body = std::exchange(call.request.body, {});
    const wire::Headers headers = call.request.headers;
    receive_upload(s3.context(), headers, std::move(body), added_checksum,
                   finish_of(s3, std::move(call), std::move(finish), answer));
}

void receive_copy(S3& s3, Call call, const S3_Added_Checksum& added_checksum, std::vector<store::Blob_Slice> source,
                  Receive_Finish finish, const Answer& answer) {
    store::Store& store = s3.context().store;
    auto intake = std::make_unique<Intake>(store, wire::Headers(), added_checksum, false);
    run_intake(
        s3.context().loop, std::move(intake),
        [reader = std::make_shared<store::Blob_Reader>(store.blobs(), std::move(source))](Intake& to) {
            return feed_all(to, *reader);
        },
        finish_of(s3, std::move(call), std::move(finish), answer));
}

}  // namespace osbot_aws::services
