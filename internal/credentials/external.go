package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	// commandLimit is how long the command of an External profile may take.
	commandLimit = time.Minute
	// maxOutput is the most that it may write to standard output, in bytes.
	maxOutput = 1 << 20
	// outputDelay is how long its output stays open for children that it left behind.
	outputDelay = time.Second
)

// openExternal prepares the command of a profile.
func (f finder) openExternal(p profile) (fetcher, error) {
	if f.environment.enabled(externalSwitch) {
		return nil, fmt.Errorf("its process_command is not run, since %s is set", externalSwitch)
	}
	arguments, err := splitCommand(p.ProcessCommand, runtime.GOOS == "windows")
	if err != nil {
		return nil, after("its process_command cannot be run", err)
	}
	return func(ctx context.Context) (Credentials, error) {
		output, err := runCommand(ctx, commandLimit, arguments)
		if err != nil {
			return Credentials{}, err
		}
		found, err := f.fromOutput(ctx, p, output)
		return found, after("the output of its process_command, which is not shown, gives no keys", err)
	}, nil
}

// fromOutput reads a command's output as fields of its profile, which may also name a role to
// assume, as the Alibaba Cloud CLI does. A key needs no mode, as for credentials-go.
func (f finder) fromOutput(ctx context.Context, p profile, output []byte) (found Credentials, err error) {
	var answer struct {
		profile
		Expiration json.RawMessage `json:"expiration"`
	}
	answer.profile = p
	// Keys of the file and keys of the command are two sources, and never mixed.
	answer.Mode, answer.AccessKeyID, answer.STSExpiration = "", "", 0
	answer.AccessKeySecret, answer.STSToken = Secret{}, Secret{}
	if json.Unmarshal(output, &answer) != nil {
		return Credentials{}, errors.New("it is not the JSON object of a profile")
	}
	answer.Name = p.Name
	end, err := parseEnd(answer.Expiration)
	if err != nil {
		return Credentials{}, err
	}
	if !end.IsZero() {
		answer.STSExpiration = end.Unix()
	}
	switch answer.Mode {
	case modeExternal:
		return Credentials{}, errors.New("it is of mode External again")
	case "":
		answer.Mode = modeAK
	}
	fetch, err := f.openProfile(answer.profile)
	switch {
	case err != nil && answer.Mode == modeChainable: // perhaps of a profile in the file
		return Credentials{}, err
	case err != nil:
		return Credentials{}, advise("correct what the command prints", err)
	}
	return fetch(ctx)
}

// runCommand returns what a process_command wrote to standard output. Its process group is killed
// when ctx ends, after limit, and when it writes too much. Standard error and input are not
// connected. The error shows neither output nor arguments: they may contain secrets.
func runCommand(ctx context.Context, limit time.Duration, arguments []string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("its process_command gave no answer within %s", limit))
	defer cancel()
	output := &boundedBuffer{full: cancel}
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...) //nolint:gosec // of the user's own profile
	command.Env = slices.DeleteFunc(os.Environ(), isPluginVariable)
	command.Stdout = output
	command.WaitDelay = outputDelay
	isolate(command)
	// The command ends with the thread that started it, so this thread stays.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if command.Start() != nil {
		return nil, errors.New("its process_command cannot be run, because it does not exist or may not be executed")
	}
	err := command.Wait()
	exit, hasFailed := errors.AsType[*exec.ExitError](err)
	switch {
	case output.isFull:
		return nil, fmt.Errorf("its process_command wrote more than %d MiB", maxOutput>>20)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // a child has kept the output open
		return output.content.Bytes(), nil
	case hasFailed:
		return nil, fmt.Errorf("its process_command failed (%s), and its output is not shown", exit.ProcessState)
	}
	return nil, errors.New("the output of its process_command cannot be read")
}

// boundedBuffer accepts maxOutput bytes, and calls full for another.
type boundedBuffer struct {
	content bytes.Buffer // not embedded: its ReadFrom has no limit
	full    func()
	isFull  bool
}

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.content.Len()+len(p) > maxOutput {
		b.isFull = true
		b.full()
		return 0, errors.New("full")
	}
	return b.content.Write(p)
}

// isPluginVariable reports whether NAME=value connects a plugin with its host. A command that runs
// such a host or a plugin itself must not see it. The names are those of hashicorp/go-plugin and
// hashicorp/terraform-plugin-go.
func isPluginVariable(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return strings.HasPrefix(name, "TF_PLUGIN_") || strings.HasPrefix(name, "TF_REATTACH_") ||
		slices.Contains([]string{
			"PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT", "PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_CLIENT_CERT",
			"PLUGIN_UNIX_SOCKET_DIR", "PLUGIN_UNIX_SOCKET_GROUP", "PLUGIN_MULTIPLEX_GRPC",
		}, name)
}

// splitCommand splits a process_command into its arguments by the rules of the Alibaba Cloud CLI
// (package config, splitProcessCommandForOS). White space separates them. Quotes enclose one, also
// an empty one. A backslash makes the next character literal. Within double quotes it does so only
// for " \ $ ` and a line break, within single quotes it is itself. A backslash before a line break
// vanishes with it. On Windows a backslash is a part of a path, except before " within double
// quotes.
func splitCommand(command string, isWindows bool) ([]string, error) {
	var arguments []string
	var word []rune // nil between arguments
	quote := rune(0)
	escapes := func(next rune) bool {
		switch {
		case isWindows:
			return quote == '"' && next == '"'
		case quote == '"':
			return strings.ContainsRune("\"\\$`\n", next)
		}
		return quote == 0
	}
	runes := []rune(strings.TrimSpace(command) + " ") // the blank ends the last argument
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == '\\' && i+2 == len(runes) && quote == 0 && !isWindows:
			return nil, errors.New("it ends in a backslash")
		case r == '\\' && escapes(runes[i+1]):
			i++
			if runes[i] != '\n' {
				word = append(word, runes[i])
			}
		case quote == 0 && (r == '"' || r == '\''):
			quote, word = r, append([]rune{}, word...) // not nil: "" is an argument
		case r == quote:
			quote = 0
		case quote == 0 && unicode.IsSpace(r):
			if word != nil {
				arguments, word = append(arguments, string(word)), nil
			}
		default:
			word = append(word, r)
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote in it is not closed")
	}
	if len(arguments) == 0 || arguments[0] == "" {
		return nil, errors.New("it names no command")
	}
	return arguments, nil
}
