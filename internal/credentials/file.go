package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alioss/terraform-provider-alioss/internal/text"
)

// defaultFiles are the files to read if none is named, in their order.
var defaultFiles = []string{
	"~/.aliyun/config.json", "~/.alibabacloud/credentials", "~/.alibabacloud/credentials.ini", ossutilFile,
}

const (
	ossutilFile = "~/.ossutilconfig"
	// defaultProfile is the profile to take if there is neither a name nor a current profile in the
	// file.
	defaultProfile = "default"
)

// profileFile is a parsed file of profiles.
type profileFile struct {
	path string
	// current is the profile to take if none is named.
	current string
	// lookup returns the profile of a name, and whether there is one. Of several of that name it is
	// the first, as for the SDK and the CLI, or the last, as for the alicloud provider.
	lookup func(name string, last bool) (profile, bool, error)
}

// fromConfiguredProfile chooses the profile of the configuration: of its file, of the files that
// variables name, or of those at the default places, in this order.
func (f finder) fromConfiguredProfile() (candidate, error) {
	name, _ := f.environment.or(f.config.Profile, "", profileVariables...)
	paths := f.namedFiles()
	if f.config.SharedCredentialsFile != "" {
		paths = []string{f.config.SharedCredentialsFile}
	}
	return f.fromFiles(profileQuery{name: name, paths: paths, strict: true})
}

// fromNamedProfile chooses the profile or the file that variables name.
func (f finder) fromNamedProfile() (candidate, error) {
	name, _ := f.environment.first(profileVariables...)
	paths := f.namedFiles()
	if name == "" && len(paths) == 0 {
		variables := append(slices.Clone(profileVariables), fileVariables...)
		return candidate{}, nothing(strings.Join(variables, ", ") + " are not set")
	}
	return f.fromFiles(profileQuery{name: name, paths: paths})
}

// fromDefaultFiles chooses a profile that is not named anywhere, or one that variables name and
// that is in none of the files that they name.
func (f finder) fromDefaultFiles() (candidate, error) {
	for _, variable := range profileSwitches {
		if f.environment.enabled(variable) {
			return candidate{}, nothing("they are not read, since " + variable + " is true")
		}
	}
	name, _ := f.environment.first(profileVariables...)
	return f.fromFiles(profileQuery{name: name, lenient: true})
}

// namedFiles returns the paths of all files that variables name.
func (f finder) namedFiles() []string {
	var paths []string
	for _, variable := range fileVariables {
		if path := f.environment.variable(variable); path != "" && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// profileQuery describes the wanted profile, and the cases that are no error.
type profileQuery struct {
	// name is the profile, empty for the current one of each file.
	name string
	// paths are the files to read, in their order, empty for those at the default places.
	paths []string
	// strict makes a profile that cannot sign, or is not in the file, an error even if it is not named
	// anywhere.
	strict bool
	// lenient skips files that cannot be read.
	lenient bool
}

// fromFiles chooses the profile from the first file that has it. A named profile that cannot sign
// is an error, and so is a name that no file has, if one of the files exists. If none exists, the
// error is a notThere, or an absence if the profile is not named anywhere.
func (f finder) fromFiles(q profileQuery) (candidate, error) {
	var reasons []string
	// there counts the files that exist and lack the profile. held reports whether one has a profile
	// that cannot sign.
	there, held := 0, false
	paths := q.paths
	if len(paths) == 0 {
		paths = defaultFiles
	}
	for _, path := range paths {
		file, err := f.openProfiles(path)
		var failed fileError
		switch {
		case errors.As(err, &failed):
			if !failed.missing && !q.lenient {
				return candidate{}, faultOf{"file " + text.Quote(path), err}
			}
			reasons = append(reasons, text.Quote(path)+": "+err.Error())
			continue
		case err != nil:
			return candidate{}, faultOf{"file " + text.Quote(path), err}
		}
		name := q.name
		if name == "" {
			name = file.current
		}
		c, err := f.chooseProfile(file, name, q.name != "")
		var lacks lacksProfile
		switch {
		case err == nil:
			return c, nil
		case errors.As(err, &lacks):
			// ossutil's file at its default place is not one of the CLI's profiles.
			if path != ossutilFile || len(q.paths) > 0 {
				there++
			}
			reasons = append(reasons, text.Quote(path)+": "+err.Error())
		case q.name != "" || q.strict || errors.As(err, new(wrongKeys)):
			return candidate{}, err
		default:
			held = true
			reasons = append(reasons, err.Error())
		}
	}
	reason := errors.New(strings.Join(reasons, "; "))
	switch {
	case there > 0 && q.name != "":
		return candidate{}, advise("check the name, or make the profile: "+profile{Name: q.name}.cli("configure"),
			fmt.Errorf("there is no profile %s (%w)", text.Quote(q.name), reason))
	case there > 0 && q.strict:
		return candidate{}, advise("name a profile that is in the file", reason)
	case q.strict:
		return candidate{}, notThere{reason}
	}
	return candidate{}, absence{reason.Error(), held || q.name != ""}
}

// lacksProfile is the error of a file that has no profile of a name.
type lacksProfile struct{ name string }

func (e lacksProfile) Error() string { return "it has no profile " + text.Quote(e.name) }

// openProfiles reads a file and parses it by its first byte. No error shows content.
func (f finder) openProfiles(name string) (profileFile, error) {
	path, content, err := f.environment.readText(name)
	if err != nil {
		return profileFile{}, err
	}
	content = bytes.TrimSpace(content)
	parse := parseINIProfiles
	if bytes.HasPrefix(content, []byte("{")) {
		parse = parseJSONProfiles
	}
	file, err := parse(content)
	file.path = filepath.Clean(path)
	return file, err
}

// parseJSONProfiles parses a configuration file of the Alibaba Cloud CLI. Profiles are decoded when
// they are looked up, so that one which this package cannot read does not matter to the others.
func parseJSONProfiles(content []byte) (profileFile, error) {
	var file struct {
		Current  string            `json:"current"`
		Profiles []json.RawMessage `json:"profiles"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return profileFile{}, fmt.Errorf("it is not a configuration of the Alibaba Cloud CLI%s", jsonLine(content, err))
	}
	if file.Current == "" {
		file.Current = defaultProfile
	}
	return profileFile{
		current: file.Current,
		lookup: func(name string, last bool) (profile, bool, error) {
			profiles := slices.Clone(file.Profiles)
			if last {
				slices.Reverse(profiles)
			}
			for _, raw := range profiles {
				var named struct {
					Name string `json:"name"`
				}
				if json.Unmarshal(raw, &named) != nil || named.Name != name {
					continue
				}
				p := profile{}
				if err := json.Unmarshal(raw, &p); err != nil {
					return profile{}, true, fmt.Errorf("a field is of another type than the Alibaba Cloud CLI writes%s",
						jsonField(err))
				}
				p.Mode = p.recognizedMode()
				return p, true, nil
			}
			return profile{}, false, nil
		},
	}, nil
}

// jsonLine describes the line at which JSON has an error, without its content.
func jsonLine(content []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return ""
	}
	before := content[:min(int(syntax.Offset), len(content))]
	return fmt.Sprintf(" (not JSON from line %d on)", 1+bytes.Count(before, []byte("\n")))
}

func jsonField(err error) string {
	var typed *json.UnmarshalTypeError
	if !errors.As(err, &typed) || typed.Field == "" {
		return ""
	}
	return " (" + typed.Field + ")"
}
