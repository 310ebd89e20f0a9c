// ByteSource and ByteSink: large bytes on their way from one place to another, without being in memory whole.
//
// Errors: whatever the implementation throws passes through whoever reads or writes; that is also how a
// transfer is cancelled (Error(interrupted)). Threads: one at a time, unless an implementation says more.
#pragma once

#include <cstdint>

#include "core/base/bytes.h"
#include "core/base/cancel.h"
#include "core/base/fs/file_system.h"
#include "core/base/progress.h"

namespace axon {

// Bytes of a known size that can be read again from any offset, so that a transfer can be repeated.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `into` with the bytes from `offset` on. The caller asks for nothing beyond size().
  virtual void read_at(std::uint64_t offset, MutableByteSpan into) = 0;
};

// Takes bytes in order.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(ByteSpan bytes) = 0;
};

// Bytes in memory; not owned.
class SpanSource final : public ByteSource {
 public:
  explicit SpanSource(ByteSpan bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  void read_at(std::uint64_t offset, MutableByteSpan into) override;

 private:
  ByteSpan bytes_;
};

// An open file, which is not owned and does not change meanwhile: Error(failed) when it is shorter than
// `size`.
class FileSource final : public ByteSource {
 public:
  FileSource(fs::File& file, std::uint64_t size) : file_(file), size_(size) {}
  std::uint64_t size() const override { return size_; }
  void read_at(std::uint64_t offset, MutableByteSpan into) override;

 private:
  fs::File& file_;
  std::uint64_t size_;
};

// Gathers bytes in memory; Error(integrity) once there would be more than `limit` of them.
class BytesSink final : public ByteSink {
 public:
  explicit BytesSink(std::uint64_t limit) : limit_(limit) {}
  void write(ByteSpan bytes) override;
  const Bytes& bytes() const { return bytes_; }
  Bytes take() { return std::move(bytes_); }

 private:
  std::uint64_t limit_;
  Bytes bytes_;
};

// Passes another source on, tells `progress` how far it was read, and stops when cancelled. What is read
// again after a failure counts once.
class ReportingSource final : public ByteSource {
 public:
  ReportingSource(ByteSource& source, Progress& progress, const CancelToken& cancel)
      : source_(source), progress_(progress), cancel_(cancel) {}
  std::uint64_t size() const override { return source_.size(); }
  void read_at(std::uint64_t offset, MutableByteSpan into) override;

 private:
  ByteSource& source_;
  Progress& progress_;
  const CancelToken& cancel_;
  std::uint64_t furthest_ = 0;
};

}  // namespace axon
