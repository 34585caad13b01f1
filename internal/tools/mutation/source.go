package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// source is a package with all its mutants.
type source struct {
	path, dir string
	name      string // of the package's directory below internal/
	base      string // name without slashes
	binary    string
	mutants   []mutant
	texts     map[string]string // the files with the mutants in them, and one with the switches
}

// mutant is one change in one place.
type mutant struct {
	file, function, change string
	line                   int
}

// key names the mutant in the list; lines are left out, for they move.
func (m mutant) key() string { return m.file + ": " + m.function + ": " + m.change }

// switches are what the mutants call. A mutant says once that it was reached, in the file that a variable names.
const switches = `package %s

import (
	"os"
	"strconv"
	"sync/atomic"
)

var mutantOn, _ = strconv.Atoi(os.Getenv(%q))

var mutantFile = os.Getenv(%q)

var mutantsSeen [%d]atomic.Bool

// mutantIs tells whether a mutant is on.
func mutantIs(id int) bool {
	if mutantFile != "" && !mutantsSeen[id].Swap(true) {
		f, err := os.OpenFile(mutantFile, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			panic(err)
		}
		if _, err := f.WriteString(strconv.Itoa(id) + "\n"); err != nil {
			panic(err)
		}
		if err := f.Close(); err != nil {
			panic(err)
		}
	}
	return mutantOn == id
}

// mutantPick returns b where the mutant is on, and a otherwise.
func mutantPick[T any](id int, a, b T) T {
	if mutantIs(id) {
		return b
	}
	return a
}

func mutantNot(id int, a bool) bool { return mutantIs(id) != a }

// mutantAnd is a && b, and a || b where the mutant is on.
func mutantAnd(id int, a bool, b func() bool) bool {
	if mutantIs(id) {
		return a || b()
	}
	return a && b()
}

func mutantOr(id int, a bool, b func() bool) bool {
	if mutantIs(id) {
		return a && b()
	}
	return a || b()
}
`

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir, Name, Export string
	GoFiles                       []string
	DepOnly                       bool
}

// load reads a package and puts its mutants in.
func load(name string) (*source, error) {
	output, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Dir,Name,Export,GoFiles,DepOnly", name).Output()
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	var root listed
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var l listed
		if err := decoder.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		exports[l.ImportPath] = l.Export
		if !l.DepOnly {
			root = l
		}
	}
	_, short, _ := strings.Cut(root.ImportPath, "/internal/")
	p := &source{path: root.ImportPath, dir: root.Dir, name: short, base: strings.ReplaceAll(short, "/", "-"), texts: map[string]string{}}

	fset := token.NewFileSet()
	var files []*ast.File
	contents := map[string][]byte{}
	for _, file := range root.GoFiles {
		path := filepath.Join(root.Dir, file)
		if contents[path], err = os.ReadFile(path); err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(fset, path, contents[path], parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	checked, err := config.Check(root.ImportPath, fset, files, info)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := fset.Position(f.Pos()).Filename
		m := mutator{source: p, fset: fset, info: info, pkg: checked, file: f, content: contents[path]}
		p.texts[path] = string(m.content[:m.offset(f.Pos())]) + m.text(f) + string(m.content[m.offset(f.End()):])
	}
	p.texts[filepath.Join(root.Dir, "mutation_switches.go")] = fmt.Sprintf(switches, root.Name, onVariable, reachedVariable, len(p.mutants)+1)
	return p, nil
}

// mutator writes a file with its mutants.
type mutator struct {
	*source
	fset     *token.FileSet
	info     *types.Info
	pkg      *types.Package
	file     *ast.File
	content  []byte
	function string
	words    int // how many calls that word an error are around
}

func (m *mutator) offset(p token.Pos) int { return m.fset.Position(p).Offset }

func (m *mutator) original(n ast.Node) string {
	return string(m.content[m.offset(n.Pos()):m.offset(n.End())])
}

// add takes note of a mutant and returns its number, from 1.
func (m *mutator) add(n ast.Node, change string) int {
	at := m.fset.Position(n.Pos())
	m.mutants = append(m.mutants, mutant{filepath.Base(at.Filename), m.function, strings.ReplaceAll(change, "`", "'"), at.Line})
	return len(m.mutants)
}

// line is the text of a node in one line of a moderate length.
func (m *mutator) line(n ast.Node) string {
	text := strings.Join(strings.Fields(m.original(n)), " ")
	if runes := []rune(text); len(runes) > 80 {
		text = string(runes[:77]) + "..."
	}
	return strings.ReplaceAll(text, "|", "¦")
}

// text returns a node with the mutants in it.
func (m *mutator) text(n ast.Node) string {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if n.Body == nil {
			return m.original(n)
		}
		m.function = n.Name.Name
	case *ast.GenDecl:
		if n.Tok != token.VAR {
			return m.original(n)
		}
	case *ast.ValueSpec:
		if m.function == "" {
			m.function = n.Names[0].Name
			defer func() { m.function = "" }()
		}
	case *ast.CallExpr:
		if fun, ok := n.Fun.(*ast.Ident); ok && fun.Name == "make" { // a capacity changes nothing
			return m.original(n)
		}
		if m.isWording(n) {
			m.words++
			defer func() { m.words-- }()
		}
	}
	if e, ok := n.(ast.Expr); ok {
		if m.info.Types[e].Value != nil {
			return m.constant(e)
		}
		if binary, ok := e.(*ast.BinaryExpr); ok {
			return m.binary(binary)
		}
	}
	text := m.inside(n)
	if call, ok := n.(*ast.CallExpr); ok && m.isBool(call) && m.words == 0 {
		return m.not(call, text)
	}
	if _, ok := n.(*ast.FuncDecl); ok {
		m.function = ""
	}
	return text
}

// not lets a mutant turn a condition round.
func (m *mutator) not(e ast.Expr, text string) string {
	return fmt.Sprintf("mutantNot(%d, %s)", m.add(e, "!("+m.line(e)+")"), text)
}

// truth is the text of an operand of a condition: a call or a comparison turns itself round, a plain value does not.
func (m *mutator) truth(e ast.Expr) string {
	text := m.text(e)
	inner := e
	if unary, ok := e.(*ast.UnaryExpr); ok && unary.Op == token.NOT {
		inner = unary.X
	}
	switch inner.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		if m.isBool(e) && m.info.Types[e].Value == nil {
			return m.not(e, text)
		}
	}
	return text
}

func (m *mutator) isBool(e ast.Expr) bool {
	tv := m.info.Types[e]
	return tv.IsValue() && tv.Type != nil && types.Identical(types.Default(tv.Type), types.Typ[types.Bool])
}

// statement lets a mutant leave a statement out.
func (m *mutator) statement(s ast.Stmt, text string) string {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return text
		}
		if fun, ok := call.Fun.(*ast.Ident); ok && fun.Name == "panic" { // it ends the function for the compiler too
			return text
		}
	case *ast.AssignStmt:
		if s.Tok == token.DEFINE {
			return text
		}
	case *ast.IncDecStmt:
	case *ast.BranchStmt:
		if s.Tok != token.BREAK && s.Tok != token.CONTINUE {
			return text
		}
	default:
		return text
	}
	return fmt.Sprintf("if !mutantIs(%d) { %s }", m.add(s, "without "+m.line(s)), text)
}

// inside returns a node's text with the mutants of its children.
func (m *mutator) inside(n ast.Node) string {
	children := m.children(n)
	var b strings.Builder
	at := n.Pos()
	for _, c := range children {
		b.Write(m.content[m.offset(at):m.offset(c.Pos())])
		switch c := c.(type) {
		case ast.Expr:
			if call, ok := c.(*ast.CallExpr); ok && isStatement(n) {
				b.WriteString(m.inside(call)) // its result is lost
			} else if conditional, ok := n.(*ast.IfStmt); ok && c == conditional.Cond {
				b.WriteString(m.truth(c))
			} else {
				b.WriteString(m.text(c))
			}
		case ast.Stmt:
			text := m.text(c)
			if inBlock(n) {
				text = m.statement(c, text)
			}
			b.WriteString(text)
		default:
			b.WriteString(m.text(c))
		}
		at = c.End()
	}
	b.Write(m.content[m.offset(at):m.offset(n.End())])
	return b.String()
}

func isStatement(n ast.Node) bool {
	_, ok := n.(*ast.ExprStmt)
	return ok
}

func inBlock(n ast.Node) bool {
	switch n.(type) {
	case *ast.BlockStmt, *ast.CaseClause:
		return true
	}
	return false
}

// children are the parts of a node that may hold mutants, in their order.
func (m *mutator) children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return []ast.Node{n.Body}
	case *ast.FuncLit:
		return []ast.Node{n.Body}
	case *ast.SelectorExpr:
		return []ast.Node{n.X}
	case *ast.DeferStmt: // a call around the deferred one would run that at once
		return function(n.Call)
	case *ast.GoStmt:
		return function(n.Call)
	}
	var children []ast.Node
	depth := 0
	ast.Inspect(n, func(c ast.Node) bool {
		if c == nil {
			depth--
			return true
		}
		depth++
		if depth == 2 && !m.skipped(n, c) {
			children = append(children, c)
		}
		if depth >= 2 {
			depth--
			return false
		}
		return true
	})
	slices.SortStableFunc(children, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	return children
}

// function is the function that a call calls, if that is written on the spot.
func function(call *ast.CallExpr) []ast.Node {
	if literal, ok := call.Fun.(*ast.FuncLit); ok {
		return []ast.Node{literal}
	}
	return nil
}

// skipped tells whether a part of a node holds none: types, comments, names, and what Go wants to be a constant.
func (m *mutator) skipped(n, c ast.Node) bool {
	switch c := c.(type) {
	case *ast.CommentGroup, *ast.Comment, *ast.FieldList, *ast.ImportSpec, *ast.ArrayType, *ast.MapType, *ast.StructType, *ast.FuncType:
		return true
	case ast.Expr:
		if m.info.Types[c].IsType() {
			return true
		}
	}
	switch n := n.(type) {
	case *ast.File:
		return c == ast.Node(n.Name)
	case *ast.ValueSpec:
		return !slices.ContainsFunc(n.Values, func(e ast.Expr) bool { return c == ast.Node(e) })
	case *ast.KeyValueExpr:
		return c == ast.Node(n.Key)
	case *ast.LabeledStmt:
		return c == ast.Node(n.Label)
	case *ast.BranchStmt:
		return true
	case *ast.ReturnStmt: // what stands beside an error is nothing
		last := n.Results[len(n.Results)-1]
		e, ok := c.(ast.Expr)
		return ok && e != last && m.info.Types[e].Value != nil && !m.info.Types[last].IsNil() && m.info.Types[last].Type.String() != "bool"
	case *ast.TypeSwitchStmt:
		return c == ast.Node(n.Assign)
	}
	return false
}

// isWording tells whether a call words an error: what it says is tested by its words, not by each of its parts.
func (m *mutator) isWording(n *ast.CallExpr) bool {
	s, ok := n.Fun.(*ast.SelectorExpr)
	return ok && (s.Sel.Name == "Errorf" || s.Sel.Name == "New" && m.original(s.X) == "errors")
}

// constant changes a whole constant expression: integers by one, durations by a second, and true and false.
func (m *mutator) constant(e ast.Expr) string {
	tv, text := m.info.Types[e], m.original(e)
	switch tv.Value.Kind() {
	case constant.Bool:
		return m.not(e, text)
	case constant.Int:
		name, ok := m.typeName(tv.Type)
		basic, isBasic := tv.Type.Underlying().(*types.Basic)
		if !ok || !isBasic || basic.Info()&types.IsInteger == 0 {
			return text
		}
		by := "+1"
		if exact, _ := constant.Int64Val(tv.Value); exact == math.MaxInt64 || exact == math.MaxUint8 && basic.Kind() == types.Uint8 {
			by = "-1"
		} else if name == "time.Duration" {
			by = "+time.Second" // whole seconds are what is signed
		}
		return fmt.Sprintf("mutantPick[%s](%d, %s, (%s)%s)", name, m.add(e, m.line(e)+" → "+m.line(e)+by), text, text, by)
	}
	return text
}

// typeName writes a type as the file can, if it can.
func (m *mutator) typeName(t types.Type) (string, bool) {
	good := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p == m.pkg {
			return ""
		}
		for _, i := range m.file.Imports {
			if strings.Trim(i.Path.Value, `"`) == p.Path() {
				if i.Name != nil {
					return i.Name.Name
				}
				return p.Name()
			}
		}
		good = false
		return p.Name()
	})
	return name, good && !strings.Contains(name, "untyped")
}

// comparisons are the changes of the boundary; the negation is made beside.
var comparisons = map[token.Token]token.Token{token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR}

var arithmetic = map[token.Token]token.Token{token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.ADD, token.QUO: token.MUL, token.REM: token.MUL,
	token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.SHL: token.ADD, token.SHR: token.ADD}

// binary is the text of an expression with two operands.
func (m *mutator) binary(b *ast.BinaryExpr) string {
	between := string(m.content[m.offset(b.X.End()):m.offset(b.Y.Pos())])
	if b.Op == token.LAND || b.Op == token.LOR {
		x, y := m.truth(b.X), m.truth(b.Y)
		name, to := "mutantAnd", "||"
		if b.Op == token.LOR {
			name, to = "mutantOr", "&&"
		}
		return fmt.Sprintf("%s(%d, %s, func() bool { return %s })", name, m.add(b, m.changed(b, to)), x, y)
	}
	x, y := m.text(b.X), m.text(b.Y)
	text := x + between + y
	if m.isBool(b) {
		if to, ok := comparisons[b.Op]; ok {
			text = fmt.Sprintf("mutantPick(%d, %s, %s %s %s)", m.add(b, m.changed(b, to.String())), text, x, to, y)
		}
		return m.not(b, text)
	}
	t := m.info.Types[b].Type
	basic, ok := t.Underlying().(*types.Basic)
	if !ok {
		return text
	}
	if basic.Info()&types.IsString != 0 {
		if m.words > 0 {
			return text
		}
		return fmt.Sprintf("mutantPick(%d, %s, %s)", m.add(b, m.line(b)+" → "+m.line(b.X)), text, x)
	}
	to, ok := arithmetic[b.Op]
	name, named := m.typeName(t)
	if !ok || !named || !types.Identical(m.info.Types[b.Y].Type, t) {
		return text
	}
	return fmt.Sprintf("mutantPick[%s](%d, %s, %s %s %s)", name, m.add(b, m.changed(b, to.String())), text, x, to, y)
}

// changed is how an expression with another operator reads.
func (m *mutator) changed(b *ast.BinaryExpr, op string) string {
	return m.line(b.X) + " [" + b.Op.String() + " → " + op + "] " + m.line(b.Y)
}
