package credentials

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
)

// libraryTurn is held by the one call of the library that runs: the library's state is not guarded, and the call silences
// the standard output of the whole process.
var libraryTurn = make(chan struct{}, 1)

// library runs one call of credentials-go, and keeps its faults from the user: no two at a time, nothing on standard
// output, no panic, and an error in words of this package, since the library's own hold response bodies and command
// output. A call cannot be cancelled; the wait for it ends with ctx, or after the limit.
func (f finder) library(ctx context.Context, limit time.Duration, call func() (*providers.Credentials, error)) (*providers.Credentials, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %s", limit))
	defer cancel()
	select {
	case libraryTurn <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	type result struct {
		found *providers.Credentials
		err   error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.err = guarded(func() (err error) {
			defer func() { <-libraryTurn }()
			defer mute()()
			r.found, err = call()
			if err == nil && r.found == nil {
				err = errPanic
			}
			return err
		})
		done <- r
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, describeLibrary(r.err)
		}
		return r.found, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// mute sends the standard output of the process nowhere, until the function that it returns is called. The library prints
// a command's output that it cannot parse, and with DEBUG=credential the access token.
func mute() (restore func()) {
	stdout := os.Stdout
	// Where there is no null device the file is nil, and swallows output as well.
	nowhere, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	os.Stdout = nowhere
	return func() {
		os.Stdout = stdout
		_ = nowhere.Close()
	}
}

// errPanic says that a library gave up.
var errPanic = errors.New("the library that reads it failed")

// guarded calls a library, and turns a panic of it into an error.
func guarded(call func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return call()
}

// describeLibrary words an error of the library without its text.
func describeLibrary(err error) error {
	var (
		request *url.Error
		exit    *exec.ExitError
		start   *exec.Error
		path    *os.PathError
	)
	switch {
	case errors.Is(err, errPanic):
		return err
	case errors.As(err, &request):
		return exchange{timeout: (libraryConnect + libraryRead) * time.Millisecond}.describe(request)
	case errors.As(err, &exit):
		return fmt.Errorf("the command failed (%s); its output is not shown", exit.ProcessState)
	case errors.As(err, &start), errors.As(err, &path):
		return errors.New("the command cannot be run: it is not there, or may not be executed")
	}
	return errors.New("the answer was a refusal, or held no credentials; it is not shown")
}
