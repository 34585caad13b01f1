package credentials

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

var (
	profileVariables = []string{"ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"}
	fileVariables    = []string{"ALIBABA_CLOUD_CREDENTIALS_FILE", "ALICLOUD_SHARED_CREDENTIALS_FILE", "ALIBABA_CLOUD_CONFIG_FILE"}
	defaultFiles     = []string{"~/.aliyun/config.json", "~/.alibabacloud/credentials"}
)

// profileFile is a parsed file of profiles.
type profileFile struct {
	path string
	// current is the profile to take where none is named.
	current string
	// lookup returns the profile of a name, and whether there is one.
	lookup func(name string) (profile, bool, error)
}

// profileName returns the profile that is asked for by name; empty for the current one.
func (f finder) profileName() string {
	if f.config.Profile != "" {
		return f.config.Profile
	}
	name, _ := f.environment.first(profileVariables...)
	return name
}

// profileFilePaths returns the files to look at, and whether one is asked for by name.
func (f finder) profileFilePaths() (paths []string, named bool) {
	if f.config.SharedCredentialsFile != "" {
		return []string{f.config.SharedCredentialsFile}, true
	}
	if path, _ := f.environment.first(fileVariables...); path != "" {
		return []string{path}, true
	}
	return defaultFiles, false
}

// profilePlace names the place for errors; these name the files.
func (f finder) profilePlace() string {
	if name := f.profileName(); name != "" {
		return fmt.Sprintf("profile %q", name)
	}
	return "the current profile of the Alibaba Cloud CLI"
}

// fromProfileFiles takes the profile from the first file that has it. Nothing at all is an absence, unless a profile or a
// file was asked for by name.
func (f finder) fromProfileFiles(ctx context.Context) (Credentials, error) {
	name := f.profileName()
	paths, named := f.profileFilePaths()
	asked := named || name != ""
	if !asked {
		for _, variable := range []string{"ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "ALIBABA_CLOUD_IGNORE_PROFILE"} {
			if f.environment.enabled(variable) {
				return Credentials{}, absence("not read, since " + variable + " is true")
			}
		}
	}
	var missing []string
	for _, path := range paths {
		found, err := f.fromProfileFile(ctx, path, name)
		if err == nil {
			return found, nil
		}
		why, ok := isAbsence(err)
		if !ok {
			return Credentials{}, fmt.Errorf("%s: %w", path, err)
		}
		missing = append(missing, path+": "+why)
	}
	if asked {
		return Credentials{}, errors.New(strings.Join(missing, "; "))
	}
	return Credentials{}, absence(strings.Join(missing, "; "))
}

// fromProfileFile takes the profile of that name from a file, or the file's current one.
func (f finder) fromProfileFile(ctx context.Context, path, name string) (Credentials, error) {
	file, err := f.openProfiles(path)
	if err != nil {
		return Credentials{}, err
	}
	asked := name != ""
	if !asked {
		name = file.current
	}
	if name == "" {
		return Credentials{}, absence("it names no current profile; choose one, or run `aliyun configure`")
	}
	p, ok, err := file.lookup(name)
	switch {
	case err != nil && asked:
		return Credentials{}, err
	case err != nil:
		return Credentials{}, fmt.Errorf("profile %q: %w", name, err)
	case !ok:
		return Credentials{}, absentf("it has no profile %q", name)
	case !asked && p.isEmpty():
		return Credentials{}, absentf("its profile %q holds no keys", name)
	}
	found, err := f.fromProfile(ctx, file, p, nil)
	if err != nil && !asked {
		return Credentials{}, fmt.Errorf("profile %q: %w", name, err)
	}
	return found, err
}

// openProfiles reads a file and parses it by its first byte. A file that cannot be read, or is empty, is an absence. No
// error shows content.
func (f finder) openProfiles(name string) (profileFile, error) {
	path, err := f.environment.path(name)
	if err != nil {
		return profileFile{}, absence(err.Error())
	}
	content, err := f.environment.readText(path)
	if err != nil {
		return profileFile{}, absence(describeFile(err))
	}
	content = bytes.TrimSpace(content)
	var file profileFile
	switch {
	case len(content) == 0:
		return profileFile{}, absence("it is empty")
	case content[0] == '{':
		file, err = parseJSONProfiles(content)
	default:
		file, err = parseINIProfiles(content)
	}
	file.path = filepath.Clean(path)
	return file, err
}

// parseJSONProfiles parses a configuration file of the Alibaba Cloud CLI. Profiles are decoded when they are looked up,
// so that one which this package cannot read does not matter to the others.
func parseJSONProfiles(content []byte) (profileFile, error) {
	var file struct {
		Current  string            `json:"current"`
		Profiles []json.RawMessage `json:"profiles"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return profileFile{}, fmt.Errorf("it is not a configuration of the Alibaba Cloud CLI%s", jsonLine(content, err))
	}
	return profileFile{
		current: file.Current,
		lookup: func(name string) (profile, bool, error) {
			for _, raw := range file.Profiles {
				var named struct {
					Name string `json:"name"`
				}
				if json.Unmarshal(raw, &named) != nil || named.Name != name {
					continue
				}
				p := profile{}
				if err := json.Unmarshal(raw, &p); err != nil {
					return profile{}, true, errors.New("a field is of another type than the Alibaba Cloud CLI writes" + jsonField(err))
				}
				return p, true, nil
			}
			return profile{}, false, nil
		},
	}, nil
}

// jsonLine says where JSON breaks off, and not at what.
func jsonLine(content []byte, err error) string {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return ""
	}
	return fmt.Sprintf(" (not JSON from line %d on)", 1+bytes.Count(content[:min(int(syntax.Offset), len(content))], []byte("\n")))
}

func jsonField(err error) string {
	var typed *json.UnmarshalTypeError
	if !errors.As(err, &typed) || typed.Field == "" {
		return ""
	}
	return " (" + typed.Field + ")"
}
