package form_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// answer is one line of a file of testdata: an input, and what CPython 3.11
// and the patterns of Django 4.2 make of it.
type answer[T any] struct {
	input string
	want  T
}

// readAnswers reads a file of lines such as ["input", answer].
func readAnswers[T any](t *testing.T, name string) []answer[T] {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var answers []answer[T]
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var a answer[T]
		if err := json.Unmarshal(lines.Bytes(), &[2]any{&a.input, &a.want}); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		answers = append(answers, a)
	}
	if lines.Err() != nil || len(answers) == 0 {
		t.Fatalf("%s: %d lines, error %v", name, len(answers), lines.Err())
	}
	return answers
}
