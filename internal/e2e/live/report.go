package main

import (
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// secrets are what no report may contain: access keys, tokens and signatures of the URLs that were
// signed.
type secrets map[string]bool

// addFrom adds the secrets in the results of a block.
func (s secrets) addFrom(from signed) {
	urls := append(slices.Collect(maps.Values(from.URLs)), from.URL)
	for _, url := range urls {
		credential, _, _ := strings.Cut(parameter(url, "x-oss-credential"), "%2F")
		for _, value := range []string{
			parameter(url, "x-oss-signature"), parameter(url, "x-oss-security-token"), credential,
		} {
			if value != "" {
				s[value] = true
			}
		}
	}
}

// secretForm is what a signature, a parameter of one, a key or a token looks like, whoever made it.
var secretForm = regexp.MustCompile(
	`[0-9a-f]{64}|(?i:x-oss-(?:signature|credential|security-token)(?:=|%3D)[^&\s|]+)|` +
		`\b(?:LTAI|STS\.|TMP\.)[A-Za-z0-9]{8,}|\bCAIS[A-Za-z0-9+/=%]{20,}`,
)

// scrub removes secrets from a text. None is expected there: it is the last door before a report is
// pasted into an issue.
func (s secrets) scrub(text string) string {
	longestFirst := slices.SortedFunc(maps.Keys(s), func(a, b string) int { return len(b) - len(a) })
	for _, secret := range longestFirst {
		text = strings.ReplaceAll(text, secret, "…")
	}
	return secretForm.ReplaceAllString(text, "…")
}

// summary is the result in one line.
func (c *check) summary() string {
	counts := map[result]int{}
	tested := map[string]bool{}
	for _, o := range c.outcomes {
		counts[o.result]++
		if o.result != notTested {
			tested[o.statement] = true
		}
	}
	text := plural(len(c.outcomes), "row") + " about " + plural(len(tested), "statement")
	for _, r := range []result{same, differs, failed, cannot, notTested} {
		if counts[r] > 0 {
			text += fmt.Sprintf(", %d %s", counts[r], r)
		}
	}
	if len(c.stayed) > 0 {
		text += ", " + plural(len(c.stayed), "object") + " stayed"
	}
	return text
}

func plural(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}

// report is the whole result in Markdown.
func (c *check) report(at time.Time) string {
	var b strings.Builder
	against := "OSS"
	if c.standin {
		against = "the stand-in"
	}
	fmt.Fprintf(&b, "# Live check against %s\n\n%s.\n\n", against, c.summary())
	for _, problem := range append(slices.Clone(c.problems), c.notes...) {
		fmt.Fprintf(&b, "- %s\n", problem)
	}
	if len(c.problems)+len(c.notes) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString(
		"\"Expected\" is what the pages and the stand-in have. A statement with ? is marked as not established in the " +
			"pages.\n\n",
	)
	b.WriteString(
		"| | statement | what was done | expected | answer | result | request |\n|---|---|---|---|---|---|---|\n",
	)
	for i, o := range c.outcomes {
		s := c.statements[o.statement]
		shown := o.answer.String()
		if o.answer.status == 0 && o.answer.silence == "" && o.answer.title == "" {
			shown = ""
		}
		row := []string{fmt.Sprint(i + 1), c.name(o.statement), o.did, s.String(), shown, remarked(o), o.answer.requestID}
		for i := range row {
			row[i] = cell(row[i])
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	c.reportDifferences(&b)
	c.reportUntested(&b)
	c.reportCleanUp(&b)
	fmt.Fprintf(&b, "\n## Versions\n\nProvider %s, %s, %s, %s/%s. Region %s, endpoint %s. %s.\n", revision(), c.w.cli,
		runtime.Version(),
		runtime.GOOS, runtime.GOARCH, c.config.region, c.endpointWord(), at.UTC().Format("2006-01-02 15:04 UTC"))
	return b.String()
}

func remarked(o outcome) string {
	if o.remark == "" {
		return string(o.result)
	}
	return string(o.result) + ": " + o.remark
}

// name is the id of a statement, with the mark of those that are not established.
func (c *check) name(id string) string {
	if !c.statements[id].Established {
		return id + " ?"
	}
	return id
}

// cell keeps a text from ending a cell or a row.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

// reportDifferences names page and marker of each statement that differs.
func (c *check) reportDifferences(b *strings.Builder) {
	heading := "\n## Pages differ\n\nThe marker <!-- statement: id --> is beside the text in each page's template.\n\n"
	seen := map[string]bool{}
	for _, o := range c.outcomes {
		line := fmt.Sprintf("%s (%s): the pages have %s, the answer was %s", o.statement,
			strings.Join(c.statements[o.statement].Pages, ", "),
			c.statements[o.statement], o.answer)
		if o.result != differs || seen[line] {
			continue
		}
		seen[line] = true
		if note := c.statements[o.statement].Note; note != "" {
			line += "; known before: " + note
		}
		if o.remark != "" {
			line += "; " + o.remark
		}
		if o.answer.requestID != "" {
			line += "; request " + o.answer.requestID
		}
		// In backquotes, since Markdown drops a comment.
		fmt.Fprintf(b, "%s- %s.\n", strings.Replace(heading, "<!-- statement: id -->", "`<!-- statement: id -->`", 1), line)
		heading = ""
	}
}

// reportUntested lists the statements that no row tests.
func (c *check) reportUntested(b *strings.Builder) {
	b.WriteString("\n## Statements that no row tests\n\n")
	for _, id := range slices.Sorted(maps.Keys(c.statements)) {
		if s := c.statements[id]; s.Untested != "" {
			fmt.Fprintf(b, "- %s: %s\n", id, s.Untested)
		}
	}
}

// reportCleanUp lists the objects that stayed.
func (c *check) reportCleanUp(b *strings.Builder) {
	b.WriteString("\n## Clean-up\n\n")
	if len(c.stayed) == 0 {
		b.WriteString("Nothing stayed.\n")
		return
	}
	fmt.Fprintf(b, "Delete what is left below `%s`:\n\n", c.base)
	slices.Sort(c.stayed)
	for _, key := range slices.Compact(c.stayed) {
		fmt.Fprintf(b, "- `%q`\n", strings.TrimPrefix(key, c.base))
	}
}

// endpointWord describes the host of the links in a word, without the bucket.
func (c *check) endpointWord() string {
	switch {
	case c.via != "":
		return "custom domain"
	case c.config.endpoint != "":
		return "set by ALIOSS_LIVE_ENDPOINT"
	case c.config.endpointType != "":
		return c.config.endpointType
	}
	return "public"
}

// revision is that of the tree that the provider was built from.
func revision() string {
	output, err := exec.Command("git", "describe", "--always", "--dirty", "--tags").Output()
	if err != nil {
		return "of an unknown revision"
	}
	return strings.TrimSpace(string(output))
}
