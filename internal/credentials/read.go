package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// maxFile is the most that is read of a profile or token file, in bytes.
const maxFile = 1 << 20

// unreadable is why a file cannot be read, in words that continue a sentence about it.
type unreadable string

func (u unreadable) Error() string { return string(u) }

const (
	errTooLarge   = unreadable("is larger than 1 MiB")
	errNotRegular = unreadable("is not a regular file, but a directory, a pipe or a device")
	errUTF16      = unreadable("is UTF-16. Save it as UTF-8")
)

// readText returns the content of a file without a byte order mark, and its path with the home
// directory in place of ~. what is the word for it in errors, each a notThere or an unreadable.
func (e Environment) readText(what, name string) (path string, content []byte, err error) {
	if path, err = e.path(name); err == nil {
		content, err = e.ReadFile(path)
	}
	if err == nil && isUTF16(content) {
		err = errUTF16
	}
	if err != nil {
		return "", nil, fileFailure(what+" "+text.Quote(name), err)
	}
	return path, bytes.TrimPrefix(content, []byte("\uFEFF")), nil
}

// fileFailure describes an error without the text of the file system.
func fileFailure(file string, err error) error {
	var own unreadable
	switch {
	// A path through a file, such as /dev/null/.aliyun, leads to no file either.
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return notThere{errors.New(file + " does not exist")}
	case errors.Is(err, errNoHome):
		return notThere{fmt.Errorf("%s cannot be found, because %w", file, err)}
	case errors.Is(err, os.ErrPermission):
		own = "may not be read (permission denied)"
	case !errors.As(err, &own):
		own = "cannot be read"
	}
	return unreadable(file+" ") + own
}

// isUTF16 looks for a byte order mark of UTF-16, or a character of ASCII in it.
func isUTF16(content []byte) bool {
	if len(content) < 2 {
		return false
	}
	a, b := content[0], content[1]
	return a == 0xFF && b == 0xFE || a == 0xFE && b == 0xFF || (a == 0) != (b == 0)
}

// readFile reads a regular file: a pipe would wait for a writer, and a device may never end.
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
