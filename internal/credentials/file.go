package credentials

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

var defaultFiles = []string{
	"~/.aliyun/config.json", "~/.alibabacloud/credentials", "~/.alibabacloud/credentials.ini", ossutilFile,
}

const (
	ossutilFile = "~/.ossutilconfig"
	// defaultProfile is taken if there is neither a name nor a current profile.
	defaultProfile = "default"
)

// profileFile is a parsed file of profiles.
type profileFile struct {
	// name is the path as it is configured, path the whole one.
	name, path string
	// current is the profile to take if none is named.
	current string
	// lookup returns the first or the last profile of a name, and whether there is one.
	lookup func(name string, last bool) (profile, bool, error)
}

type lacksProfile struct{ file, profile string }

func (e lacksProfile) Error() string {
	return fmt.Sprintf("file %s has no profile %s", text.Quote(e.file), text.Quote(e.profile))
}

func (f finder) fromNamedProfile() (candidate, error) {
	const place = "a profile named by environment variables"
	paths := f.namedFiles()
	if len(paths) == 0 && f.environment.first(profileVariables...).value == "" {
		return candidate{place: place}, noneSet(slices.Concat(profileVariables, fileVariables))
	}
	return f.fromFiles(place, paths, false)
}

// fromDefaultFiles chooses a profile that is not named anywhere, or one that variables name and
// that is in none of the files that they name.
func (f finder) fromDefaultFiles() (candidate, error) {
	const place = "profiles at the default places"
	for _, variable := range profileSwitches {
		if f.environment.enabled(variable) {
			return candidate{place: place}, absence{reason: "they are not read, since " + variable + " is true"}
		}
	}
	return f.fromFiles(place, nil, true)
}

// namedFiles returns the path in the configuration or, if there is none, those of all variables.
func (f finder) namedFiles() []string {
	if path := f.config.SharedCredentialsFile; path != "" {
		return []string{path}
	}
	var paths []string
	for _, variable := range fileVariables {
		if path := f.environment.variable(variable); path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// fromFiles chooses the profile of the configuration, the one that variables name or the current
// one from the first of the files that has it. Empty paths mean the default places. If it is
// lenient, files that cannot be read are skipped.
//
// A profile that is named, or whose file is in the configuration, must exist and sign. If no file
// exists, the error is a notThere for the configuration, and otherwise an absence at place.
func (f finder) fromFiles(place string, paths []string, lenient bool) (candidate, error) {
	name := f.environment.or(setting{value: f.config.Profile}, profileVariables...).value
	strict, atDefault := f.config.source() != "", len(paths) == 0
	if atDefault {
		paths = defaultFiles
	}
	var reason error
	lacked := false   // a file exists and lacks the profile
	unusable := false // a file has a profile that cannot sign
	for _, path := range paths {
		c, err := f.fromFile(path, name)
		isOfFile := c.place == ""
		switch {
		case err == nil:
			return c, nil
		case isOfFile && (isNotThere(err) || lenient && errors.As(err, new(unreadable))):
		case isOfFile && errors.As(err, new(lacksProfile)):
			// ossutil's file at its default place is not one of the CLI's profiles.
			lacked = lacked || !atDefault || path != ossutilFile
		case isOfFile, name != "", strict, errors.As(err, new(wrongKeys)):
			return c, err
		default:
			unusable = true
			err = after(c.place+" cannot sign", err)
		}
		if reason != nil {
			err = after(reason.Error(), err)
		}
		reason = errors.New(err.Error())
	}
	switch {
	case lacked && name != "":
		return candidate{place: place}, advise("check the name, or make the profile: "+profile{Name: name}.cli("configure"),
			after("there is no profile "+text.Quote(name), reason))
	case lacked && strict:
		return candidate{place: place}, advise("name a profile that is in the file", reason)
	case strict:
		return candidate{place: place}, notThere{reason}
	}
	return candidate{place: place}, absence{reason.Error(), unusable || name != ""}
}

// fromFile chooses a profile of a file, the current one if name is empty. An error about the file
// itself comes without a place.
func (f finder) fromFile(path, name string) (c candidate, err error) {
	file, err := f.openProfiles(path)
	if err != nil {
		return candidate{}, err
	}
	p, err := f.profileOf(file, cmp.Or(name, file.current), name != "")
	c = candidate{place: p.place, profile: p, family: p.keysFrom}
	c.replaced = f.wantsRole() && p.isRole() && p.Mode != modeChainable
	switch {
	case err != nil:
	case c.replaced:
		c.fetch, err = f.openBase(p)
	default:
		c.fetch, err = f.openProfile(p)
	}
	return c, err
}

// profileOf returns a filled profile of a file. If there is none, the error is a lacksProfile, and
// the place is empty.
func (f finder) profileOf(file *profileFile, name string, last bool) (profile, error) {
	p, ok, err := file.lookup(name, last)
	if err == nil && !ok {
		return profile{}, lacksProfile{file.name, name}
	}
	p.file, p.place = file, fmt.Sprintf("profile %s of %s", text.Quote(name), text.Quote(file.path))
	if err != nil {
		return p, err
	}
	return f.filled(p)
}

// openProfiles reads and parses a file. No error shows content.
func (f finder) openProfiles(name string) (*profileFile, error) {
	path, content, err := f.environment.readText("file", name)
	if err != nil {
		return nil, err
	}
	content = bytes.TrimSpace(content)
	parse := parseINIProfiles
	if bytes.HasPrefix(content, []byte("{")) {
		parse = parseJSONProfiles
	}
	file, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("file %s %w", text.Quote(name), err)
	}
	file.name, file.path = name, filepath.Clean(path)
	return &file, nil
}

// parseJSONProfiles parses a configuration file of the Alibaba Cloud CLI. A profile is decoded when
// it is looked up: others may not be readable. The error continues a sentence about the file.
func parseJSONProfiles(content []byte) (profileFile, error) {
	var file struct {
		Current  string            `json:"current"`
		Profiles []json.RawMessage `json:"profiles"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return profileFile{}, fmt.Errorf("is not a configuration of the Alibaba Cloud CLI%s", jsonFault(content, err))
	}
	lookup := func(name string, last bool) (p profile, ok bool, err error) {
		var found json.RawMessage
		for _, raw := range file.Profiles {
			var named struct {
				Name string `json:"name"`
			}
			if json.Unmarshal(raw, &named) == nil && named.Name == name && (found == nil || last) {
				found = raw
			}
		}
		if found == nil {
			return profile{}, false, nil
		}
		if err := json.Unmarshal(found, &p); err != nil {
			return profile{}, true, fmt.Errorf("a field is of another type than the Alibaba Cloud CLI writes%s",
				jsonFault(found, err))
		}
		p.Mode = p.recognizedMode()
		return p, true, nil
	}
	return profileFile{current: cmp.Or(file.Current, defaultProfile), lookup: lookup}, nil
}

// jsonFault describes the line or the field at which JSON has an error, without its content.
func jsonFault(content []byte, err error) string {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		before := content[:min(int(syntax.Offset), len(content))]
		return fmt.Sprintf(" (not JSON from line %d on)", 1+bytes.Count(before, []byte("\n")))
	}
	if typed, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && typed.Field != "" {
		return " (" + typed.Field + ")"
	}
	return ""
}
