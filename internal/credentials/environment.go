package credentials

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/alioss/terraform-provider-alioss/internal/transport"
)

const (
	connectTimeout = 3 * time.Second // three tries fit into serviceLimit
	// The metadata service is nearby, or does not exist.
	metadataConnectTimeout = time.Second
)

// Environment is the outside world, the real one from [OSEnvironment]. Only Log is optional.
type Environment struct {
	// Getenv returns the value of an environment variable, empty if it is not set.
	Getenv  func(name string) string
	HomeDir func() (string, error)
	// ReadFile returns the content of a regular file of at most 1 MiB, and an error for any other
	// path.
	ReadFile func(path string) ([]byte, error)
	Now      func() time.Time
	// Sleep waits. It returns early, with the context's error, when ctx ends.
	Sleep func(ctx context.Context, d time.Duration) error
	// Transport carries requests to all services but the metadata service.
	Transport http.RoundTripper
	// MetadataTransport carries requests to the metadata service. It must not use a proxy.
	MetadataTransport http.RoundTripper
	// Log, if not nil, takes a line at one of the levels below, with fields in snake_case. No line
	// shows a key, a secret or a token. Several goroutines call it.
	Log func(ctx context.Context, level, message string, fields map[string]any)
}

// The levels of Environment.Log.
const (
	LevelDebug = "DEBUG"
	LevelInfo  = "INFO"
)

func (e Environment) log(ctx context.Context, level, message string, fields map[string]any) {
	if e.Log != nil {
		e.Log(ctx, level, message, fields)
	}
}

// OSEnvironment returns the process's environment variables, the file system and the network, with
// the proxies of HTTP_PROXY, HTTPS_PROXY and NO_PROXY except for the metadata service. The time is
// that of now.
func OSEnvironment(now func() time.Time) Environment {
	proxy := httpproxy.FromEnvironment().ProxyFunc()
	return Environment{
		Getenv:   os.Getenv,
		HomeDir:  os.UserHomeDir,
		ReadFile: readFile,
		Now:      now,
		Sleep:    transport.Sleep,
		Transport: transport.New(connectTimeout, func(r *http.Request) (*url.URL, error) {
			return proxy(r.URL)
		}),
		MetadataTransport: transport.New(metadataConnectTimeout, nil),
	}
}

func (e Environment) variable(name string) string { return strings.TrimSpace(e.Getenv(name)) }

func (e Environment) first(names ...string) setting {
	for _, name := range names {
		if value := e.variable(name); value != "" {
			return setting{value, name}
		}
	}
	return setting{}
}

// or returns s or, if it is empty, the first of the environment variables that is set.
func (e Environment) or(s setting, names ...string) setting {
	if s.value != "" {
		return s
	}
	return e.first(names...)
}

func (e Environment) enabled(name string) bool {
	value := e.variable(name)
	return strings.EqualFold(value, "true") || value == "1"
}

// path replaces a leading ~ by the home directory.
func (e Environment) path(name string) (string, error) {
	if name != "~" && !strings.HasPrefix(name, "~/") && !strings.HasPrefix(name, `~\`) {
		return name, nil
	}
	home, err := e.HomeDir()
	if err != nil || home == "" {
		return "", errNoHome
	}
	return filepath.Join(home, name[1:]), nil
}

var errNoHome = errors.New("the home directory is not known (is HOME set?)")
