package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// maxFile is the most that is read of a profile or token file, in bytes.
const maxFile = 1 << 20

// Why a file cannot be read, besides the errors of package os.
var (
	errTooLarge   = fmt.Errorf("the file is larger than %d MiB", maxFile>>20)
	errNotRegular = errors.New("it is not a regular file, but a directory, a pipe or a device")
	errUTF16      = errors.New("it is UTF-16: save it as UTF-8")
)

// fileError is the reason why a file was not read. It is missing if the file does not exist.
type fileError struct {
	reason  string
	missing bool
}

func (e fileError) Error() string { return e.reason }

// fileFailure returns the reason why a file was not read, without the text of the file system.
func fileFailure(err error) fileError {
	switch {
	// A path through a file, such as /dev/null/.aliyun, leads to no file either.
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fileError{"there is no such file", true}
	case errors.Is(err, errNoHome):
		return fileError{err.Error(), true}
	case errors.Is(err, os.ErrPermission):
		return fileError{"it may not be read (permission denied)", false}
	case errors.Is(err, errTooLarge), errors.Is(err, errNotRegular), errors.Is(err, errUTF16):
		return fileError{err.Error(), false}
	}
	return fileError{"it cannot be read", false}
}

// readText returns the content of a file without a byte order mark, and its path with the home
// directory in place of ~. It reads all files of this package: profiles, ini files, tokens. The
// error is a fileError.
func (e Environment) readText(name string) (path string, content []byte, err error) {
	if path, err = e.path(name); err != nil {
		return name, nil, fileFailure(err)
	}
	content, err = e.ReadFile(path)
	if err == nil && isUTF16(content) {
		err = errUTF16
	}
	if err != nil {
		return path, nil, fileFailure(err)
	}
	return path, bytes.TrimPrefix(content, []byte("\uFEFF")), nil
}

// isUTF16 reports whether content begins with a byte order mark of UTF-16, or with a character of
// ASCII in it.
func isUTF16(content []byte) bool {
	if len(content) < 2 {
		return false
	}
	a, b := content[0], content[1]
	return a == 0xFF && b == 0xFE || a == 0xFE && b == 0xFF || (a == 0) != (b == 0)
}

// readFile reads a regular file of at most maxFile bytes. It does not open anything else: a pipe
// would wait for a writer, and a device may never end.
func readFile(path string) ([]byte, error) {
	if err := checkRegular(os.Stat(path)); err != nil {
		return nil, err
	}
	// Another file may have replaced it since.
	file, err := os.OpenFile(path, os.O_RDONLY|openWithoutWait, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if err := checkRegular(file.Stat()); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFile {
		return nil, errTooLarge
	}
	return content, nil
}

func checkRegular(info os.FileInfo, err error) error {
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	return err
}
