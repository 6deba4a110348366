// Command yaml reads texts as kubectl does and prints what it sees: one line in, one line out.
//
// In: a JSON string, the text. Out: a JSON list with one entry for each document up to the first that can't be read:
// {"value": …} or {"error": "…"}. A float64 is written as {"$float": "…"}, so that 1 and 1.0 stay apart.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
	kjson "sigs.k8s.io/json"
)

// mark tells floats from integers in a value that kjson decoded.
func mark(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		for key, child := range typed {
			typed[key] = mark(child)
		}
	case []any:
		for index, child := range typed {
			typed[index] = mark(child)
		}
	case float64:
		return map[string]any{"$float": strconv.FormatFloat(typed, 'g', -1, 64)}
	}
	return value
}

// documents follows the loop of kubectl's resource builder (StreamVisitor in k8s.io/cli-runtime).
func documents(text string) (result []map[string]any) {
	defer func() {
		if problem := recover(); problem != nil {
			result = append(result, map[string]any{"error": fmt.Sprint("panic: ", problem)})
		}
	}()
	result = []map[string]any{}
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader([]byte(text)), 4096)
	for {
		raw := runtime.RawExtension{}
		if err := decoder.Decode(&raw); err != nil {
			if errors.Is(err, io.EOF) {
				return result
			}
			return append(result, map[string]any{"error": err.Error()})
		}
		content := bytes.TrimSpace(raw.Raw)
		if len(content) == 0 || bytes.Equal(content, []byte("null")) {
			continue
		}
		var value any
		if err := kjson.UnmarshalCaseSensitivePreserveInts(content, &value); err != nil {
			return append(result, map[string]any{"error": err.Error()})
		}
		// kubectl sends it as Go writes it, a whole float without its point; that is what a server reads.
		sent, err := json.Marshal(value)
		if err != nil {
			return append(result, map[string]any{"error": err.Error()})
		}
		if err := kjson.UnmarshalCaseSensitivePreserveInts(sent, &value); err != nil {
			return append(result, map[string]any{"error": err.Error()})
		}
		result = append(result, map[string]any{"value": mark(value)})
	}
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for {
		line, err := in.ReadBytes('\n')
		if len(line) > 0 {
			var text string
			if wrong := json.Unmarshal(line, &text); wrong != nil {
				panic(wrong)
			}
			answer, wrong := json.Marshal(documents(text))
			if wrong != nil {
				panic(wrong)
			}
			out.Write(append(answer, '\n'))
			out.Flush()
		}
		if err != nil {
			return
		}
	}
}
