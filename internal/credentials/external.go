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
	// outputDelay is how long its output stays open after its end, for children that it left
	// behind.
	outputDelay = time.Second
)

// fromExternal runs the command of a profile. As the Alibaba Cloud CLI does, it reads the command's
// output as fields of the profile, which may also name a role to assume.
func (f finder) fromExternal(ctx context.Context, p profile, arguments []string) (Credentials, error) {
	output, err := runCommand(ctx, commandLimit, arguments)
	var found Credentials
	if err == nil {
		found, err = f.fromOutput(ctx, p, output)
	}
	switch {
	case ctx.Err() != nil:
		return Credentials{}, context.Cause(ctx)
	case err != nil:
		return Credentials{}, fmt.Errorf("process_command: %w", err)
	}
	return found, nil
}

// fromOutput returns the credentials that a command has printed for profile p. A key without mode
// is accepted, with its token or without, as by credentials-go.
func (f finder) fromOutput(ctx context.Context, p profile, output []byte) (Credentials, error) {
	// Keys of the file and keys of the command are two sources, and never mixed.
	answer := p
	answer.Mode, answer.AccessKeyID, answer.STSExpiration = "", "", 0
	answer.AccessKeySecret, answer.STSToken = Secret{}, Secret{}
	var end struct {
		Expiration json.RawMessage `json:"expiration"`
	}
	if json.Unmarshal(output, &answer) != nil || json.Unmarshal(output, &end) != nil {
		return Credentials{}, errors.New("the output is not the JSON object of a profile; it is not shown")
	}
	answer.Name = p.Name
	expires, err := parseEnd(end.Expiration)
	if err != nil {
		return Credentials{}, err
	}
	if !expires.IsZero() {
		answer.STSExpiration = expires.Unix()
	}
	switch answer.Mode {
	case modeExternal:
		return Credentials{}, errors.New("the output is of mode External again")
	case "", modeAK, modeStsToken:
	default:
		fetch, err := f.openProfile(answer)
		if err != nil {
			return Credentials{}, err
		}
		return fetch(ctx)
	}
	lacksToken := answer.Mode == modeStsToken && answer.STSToken.IsEmpty()
	if answer.AccessKeyID == "" || answer.AccessKeySecret.IsEmpty() || lacksToken {
		return Credentials{}, errors.New("the output lacks access_key_id, access_key_secret or (mode StsToken) sts_token; " +
			"it is not shown")
	}
	secret, token := answer.AccessKeySecret.Reveal(), answer.STSToken.Reveal()
	found, err := static(p.place, partNames, [3]string{answer.AccessKeyID, secret, token})
	if err == nil && answer.STSExpiration != 0 {
		found.Expires, err = unixEnd(float64(answer.STSExpiration))
	}
	return found, err
}

// runCommand runs a command and returns what it wrote to standard output. It runs in a process
// group of its own, which is killed when ctx ends, after limit, and when it writes too much.
// Standard error and input are not connected.
//
// The error is the cause of ctx, or has words of this package: output and arguments may contain
// secrets.
func runCommand(ctx context.Context, limit time.Duration, arguments []string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("the command gave no answer within %s", limit))
	defer cancel()
	output := &boundedBuffer{full: cancel}
	command := exec.CommandContext(ctx, arguments[0], arguments[1:]...) //nolint:gosec // of the user's own profile
	command.Env = slices.DeleteFunc(os.Environ(), isPluginVariable)
	command.Stdout = output
	command.WaitDelay = outputDelay
	isolate(command)
	// The command ends with the thread that started it. So this thread stays until the command has
	// ended.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if command.Start() != nil {
		return nil, errors.New("the command cannot be run: it is not there, or may not be executed")
	}
	err := command.Wait()
	var exit *exec.ExitError
	switch {
	case output.isFull:
		return nil, fmt.Errorf("the command wrote more than %d MiB", maxOutput>>20)
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil, errors.Is(err, exec.ErrWaitDelay): // a child has kept the output open
		return output.content.Bytes(), nil
	case errors.As(err, &exit):
		return nil, fmt.Errorf("the command failed (%s); its output is not shown", exit.ProcessState)
	}
	return nil, errors.New("the command's output cannot be read")
}

// boundedBuffer accepts maxOutput bytes, and calls full for a further byte.
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

// isPluginVariable reports whether NAME=value is one with which Terraform's core and its plugins
// find each other. A command that runs Terraform or a plugin itself must not see it. The names are
// those of hashicorp/go-plugin and hashicorp/terraform-plugin-go.
func isPluginVariable(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	if strings.HasPrefix(name, "TF_PLUGIN_") || strings.HasPrefix(name, "TF_REATTACH_") {
		return true
	}
	switch name {
	case "PLUGIN_MIN_PORT", "PLUGIN_MAX_PORT", "PLUGIN_PROTOCOL_VERSIONS", "PLUGIN_CLIENT_CERT",
		"PLUGIN_UNIX_SOCKET_DIR", "PLUGIN_UNIX_SOCKET_GROUP", "PLUGIN_MULTIPLEX_GRPC":
		return true
	}
	return false
}

// splitCommand splits a process_command into its arguments by the rules of the Alibaba Cloud CLI
// (package config, splitProcessCommandForOS). White space separates them. Quotes enclose one, also
// an empty one. A backslash makes the next character literal. Within double quotes it does so only
// for " \ $ ` and a line break, within single quotes it is itself. A backslash before a line break
// vanishes with it. On Windows a backslash is a part of a path, except before " within double
// quotes.
func splitCommand(command string, isWindows bool) ([]string, error) {
	var arguments []string
	var word strings.Builder
	begun := false // word is an argument, though it may be empty
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
	runes := []rune(strings.TrimSpace(command))
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		isLast := i+1 == len(runes)
		switch {
		case r == '\\' && !isLast && escapes(runes[i+1]):
			i++
			if runes[i] != '\n' {
				word.WriteRune(runes[i])
				begun = true
			}
		case r == '\\' && isLast && quote == 0 && !isWindows:
			return nil, errors.New("it ends in a backslash")
		case quote == 0 && (r == '"' || r == '\''):
			quote, begun = r, true
		case r == quote:
			quote = 0
		case quote == 0 && unicode.IsSpace(r):
			if begun {
				arguments = append(arguments, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote in it is not closed")
	}
	if begun {
		arguments = append(arguments, word.String())
	}
	if len(arguments) == 0 || arguments[0] == "" {
		return nil, errors.New("it names no command")
	}
	return arguments, nil
}
