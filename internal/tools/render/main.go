// Command render shows pages as a reader of a registry sees them: it renders Markdown in a column
// of 740 pixels with headless Chromium, writes pictures of each page, from top to bottom, and
// reports code lines that are cut, tables that leave the column, and columns too narrow to read.
//
//	render [-out DIR] FILE...
//
// It prints the directory of the pictures, and exits with 1 if a page has a fault.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
)

const (
	column    = 740 // pixels, of the registry's text
	margin    = 24
	minColumn = 120  // pixels, of a table
	slice     = 1500 // pixels, the height of a picture
	timeout   = 60 * time.Second
)

var (
	frontMatter = regexp.MustCompile(`(?s)\A---\n.*?\n---\n`)
	callout     = regexp.MustCompile(`(?m)^([-~!])> (.*(?:\n[^\n]+)*)`)
	report      = regexp.MustCompile(`<pre id="report">([^<]*)</pre>`)
)

// page is what the browser gets. Sizes follow the registry's: text of 16 px, code of 13 px in a box
// with a padding of 24 px.
var page = template.Must(template.New("page").Parse(`<!doctype html><meta charset="utf-8">
<base href="file://{{.Base}}/"><title>{{.Name}}</title><style>
body { margin: {{.Margin}}px; width: {{.Column}}px; color: #1f2328 }
body { font: 16px/1.5 "Liberation Sans", "WenQuanYi Zen Hei", sans-serif }
pre { background: #f1f2f3; padding: 16px 24px; overflow: auto; white-space: pre }
code, pre { font: 13px/1.5 "DejaVu Sans Mono", "WenQuanYi Zen Hei Mono", monospace }
p code, li code, td code { background: #f1f2f3; padding: 1px 4px }
table { border-collapse: collapse; width: 100%; font-size: 14px }
td, th { border: 1px solid #d0d7de; padding: 8px 12px; text-align: left; vertical-align: top }
.callout { border-left: 4px solid #1563ff; background: #eef4ff; padding: 1px 16px; margin: 16px 0 }
.warn { border-color: #bb5a00; background: #fff4e5 }
.danger { border-color: #c00005; background: #fff0f0 }
img { max-width: 100% } #report { display: none }
</style>{{.Body}}<pre id="report"></pre><script>
const faults = []
const name = (e) => e.innerText.trim().split("\n")[0].slice(0, 60)
const width = (e) => e.getBoundingClientRect().width
for (const pre of document.querySelectorAll("pre:not(#report)"))
  if (pre.scrollWidth > pre.clientWidth)
    faults.push("a code line is cut: the block needs " + pre.scrollWidth + " of " + pre.clientWidth +
      " px: " + name(pre))
for (const table of document.querySelectorAll("table")) {
  if (width(table) > {{.Column}} + 1)
    faults.push("a table is " + Math.round(width(table)) + " px wide: " + name(table))
  for (const cell of table.rows[0].cells)
    if (width(cell) < {{.MinColumn}})
      faults.push("a column is " + Math.round(width(cell)) + " px wide: " + name(cell) + " of " + name(table))
}
for (const e of document.querySelectorAll("p, li, h1, h2, h3"))
  if (e.scrollWidth > e.clientWidth + 1) faults.push("a word leaves the column: " + name(e))
document.getElementById("report").textContent =
  JSON.stringify({height: document.documentElement.scrollHeight, faults})
</script>`))

func main() {
	out := flag.String("out", "", "directory of the pictures; a new temporary one if empty")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func run(out string, files []string) error {
	browser, err := chromium()
	if err != nil {
		return err
	}
	if out == "" {
		if out, err = os.MkdirTemp("", "pages-"); err != nil {
			return err
		}
	}
	work, err := os.MkdirTemp("", "render-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	faulty := 0
	for _, file := range files {
		name := strings.NewReplacer(string(filepath.Separator), "_", ".", "_").Replace(file)
		faults, err := show(browser, file, filepath.Join(work, name+".html"), filepath.Join(out, name))
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, fault := range faults {
			fmt.Printf("%s: %s\n", file, fault)
		}
		if len(faults) > 0 {
			faulty++
		}
	}
	fmt.Printf("render: %d pages, pictures in %s\n", len(files), out)
	if faulty > 0 {
		return fmt.Errorf("%d pages have faults", faulty)
	}
	return nil
}

// chromium returns the browser's program.
func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no chromium in PATH (on Debian: apt-get install chromium)")
}

// show writes a page as HTML and as a picture, and returns the faults that the browser measures.
func show(browser, file, document, picture string) ([]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	body, err := convert(text)
	if err != nil {
		return nil, err
	}
	base, err := filepath.Abs(filepath.Dir(file)) // of the page's pictures
	if err != nil {
		return nil, err
	}
	var all bytes.Buffer
	if err := page.Execute(&all, map[string]any{
		"Name": file, "Base": base, "Column": column, "Margin": margin, "MinColumn": minColumn,
		"Body": template.HTML(body), //nolint:gosec // our own pages
	}); err != nil {
		return nil, err
	}
	if err := os.WriteFile(document, all.Bytes(), 0o600); err != nil {
		return nil, err
	}
	dom, err := visit(browser, document, "--dump-dom")
	if err != nil {
		return nil, err
	}
	m := report.FindSubmatch(dom)
	if m == nil {
		return nil, errors.New("the browser returned no measurements")
	}
	var measured struct {
		Height int      `json:"height"`
		Faults []string `json:"faults"`
	}
	if err := json.Unmarshal(bytes.ReplaceAll(m[1], []byte("&amp;"), []byte("&")), &measured); err != nil {
		return nil, err
	}
	whole := document + ".png"
	window := fmt.Sprintf("--window-size=%d,%d", column+2*margin, measured.Height+margin)
	if _, err := visit(browser, document, "--screenshot="+whole, window); err != nil {
		return nil, err
	}
	return measured.Faults, cut(whole, picture)
}

// cut writes a picture in parts that can be looked at, from top to bottom: picture_1.png and so on.
func cut(whole, picture string) error {
	data, err := os.ReadFile(whole)
	if err != nil {
		return err
	}
	all, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	parts, ok := all.(interface {
		SubImage(part image.Rectangle) image.Image
	})
	if !ok {
		return fmt.Errorf("a picture of type %T", all)
	}
	bounds := all.Bounds()
	for i, top := 1, bounds.Min.Y; top < bounds.Max.Y; i, top = i+1, top+slice {
		var part bytes.Buffer
		if err := png.Encode(&part, parts.SubImage(image.Rect(bounds.Min.X, top, bounds.Max.X,
			min(top+slice, bounds.Max.Y)))); err != nil {
			return err
		}
		if err := os.WriteFile(fmt.Sprintf("%s_%d.png", picture, i), part.Bytes(), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// visit runs the browser on a document, and returns what it writes to standard output.
func visit(browser, document string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	profile, err := os.MkdirTemp("", "profile-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(profile)
	// Without a sandbox, since it may run as root. The document is one of ours, and requests nothing
	// from the network.
	args = append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=1",
		"--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
		"--user-data-dir=" + profile,
		fmt.Sprintf("--window-size=%d,2000", column+2*margin),
	}, args...)
	command := exec.CommandContext(ctx, browser, append(args, "file://"+document)...)
	command.WaitDelay = time.Second
	var failure bytes.Buffer
	command.Stderr = &failure
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %s", browser, err, failure.String())
	}
	return output, nil
}

// convert turns a page of a registry into HTML: GitHub's Markdown, with the registry's callouts.
func convert(text []byte) (string, error) {
	text = frontMatter.ReplaceAll(text, nil)
	classes := map[string]string{"-": "note", "~": "warn", "!": "danger"}
	text = callout.ReplaceAllFunc(text, func(found []byte) []byte {
		m := callout.FindSubmatch(found)
		return fmt.Appendf(nil, "<div class=\"callout %s\">\n\n%s\n\n</div>", classes[string(m[1])], m[2])
	})
	markdown := goldmark.New(goldmark.WithExtensions(extension.GFM),
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(html.WithUnsafe()))
	var body bytes.Buffer
	err := markdown.Convert(text, &body)
	return body.String(), err
}
