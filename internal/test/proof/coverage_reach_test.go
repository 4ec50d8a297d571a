package proof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// function is a declared function of the domain, where it stands.
type function struct {
	name             string // Rules.Decide
	file             string // its base name
	fromLine, toLine int
}

// reachable lists what Rules.Decide may call, directly or through others, in internal/payment: every function that is
// mentioned in a body counts as called.
func reachable(t *testing.T) []function {
	t.Helper()
	fset := token.NewFileSet()
	files, decls, info := check(t, fset)
	uses := map[types.Object][]types.Object{}
	var start types.Object
	for object, decl := range decls {
		ast.Inspect(decl.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if called, ok := info.Uses[id].(*types.Func); ok {
					uses[object] = append(uses[object], called.Origin())
				}
			}
			return true
		})
		if name(decl) == "Rules.Decide" {
			start = object
		}
	}
	if start == nil {
		t.Fatalf("Rules.Decide is not found in %d files", files)
	}
	seen := map[types.Object]bool{start: true}
	var found []function
	for queue := []types.Object{start}; len(queue) > 0; queue = queue[1:] {
		decl := decls[queue[0]]
		if decl == nil {
			continue // of another package
		}
		from, to := fset.Position(decl.Pos()), fset.Position(decl.End())
		found = append(found, function{name(decl), path.Base(filepath.ToSlash(from.Filename)), from.Line, to.Line})
		for _, called := range uses[queue[0]] {
			if !seen[called] {
				seen[called] = true
				queue = append(queue, called)
			}
		}
	}
	return found
}

// check type-checks the domain's product code with what the compiler exported of its dependencies.
func check(t *testing.T, fset *token.FileSet) (files int, decls map[types.Object]*ast.FuncDecl, info *types.Info) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles", "./internal/payment")
	command.Dir = root
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	var parsed []*ast.File
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Dir, Export string
			GoFiles                 []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.ImportPath != module+"internal/payment" {
			continue
		}
		for _, file := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			parsed = append(parsed, f)
		}
	}
	info = &types.Info{Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })}
	if _, err := config.Check(module+"internal/payment", fset, parsed, info); err != nil {
		t.Fatal(err)
	}
	decls = map[types.Object]*ast.FuncDecl{}
	for _, f := range parsed {
		for _, d := range f.Decls {
			if decl, ok := d.(*ast.FuncDecl); ok && decl.Body != nil {
				decls[info.Defs[decl.Name]] = decl
			}
		}
	}
	return len(parsed), decls, info
}

// name is Type.Method or Function.
func name(decl *ast.FuncDecl) string {
	if decl.Recv == nil {
		return decl.Name.Name
	}
	receiver := decl.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	return strings.TrimPrefix(types.ExprString(receiver), "*") + "." + decl.Name.Name
}
