// A Google Cloud Storage server on loopback for the tests: the store of fake-gcs-server, behind the XML API.
//
// fake-gcs-server has the JSON API, generations and their preconditions; of the XML API, which object_store speaks, it
// has reading only. So requests to write are handed on to the JSON API with the precondition that they carry, listings
// get pages, and multipart uploads are kept here until they are complete.
// Source of the forms: Google Cloud documentation, "XML API reference overview".
//
// Usage: gcs BUCKET. Prints its port, and serves until its standard input ends.
package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/fsouza/fake-gcs-server/fakestorage"
)

const page = 1000

// upload is a multipart upload that isn't complete.
type upload struct {
	bucket, key string
	parts       map[int][]byte
}

type server struct {
	store   *fakestorage.Server
	json    http.Handler
	bucket  string
	mutex   sync.Mutex
	uploads map[string]*upload
	next    int
}

// failure is an answer in the form of the XML API.
type failure struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

func main() {
	store, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, PublicHost: "127.0.0.1"})
	if err != nil {
		log.Fatal(err)
	}
	store.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: os.Args[1]})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	handler := &server{store: store, json: store.HTTPHandler(), bucket: os.Args[1], uploads: map[string]*upload{}}
	log.Fatal(http.Serve(listener, handler))
}

func (s *server) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	if strings.HasPrefix(request.URL.Path, "/storage/v1/") || strings.HasPrefix(request.URL.Path, "/upload/storage/v1/") {
		s.json.ServeHTTP(answer, request)
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(request.URL.EscapedPath(), "/"), "/")
	key, err := url.PathUnescape(key)
	if err != nil {
		fail(answer, http.StatusBadRequest, "InvalidURI", err.Error())
		return
	}
	if bucket != s.bucket {
		fail(answer, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.")
		return
	}
	query := request.URL.Query()
	switch {
	case key == "" && request.Method == http.MethodGet:
		s.list(answer, bucket, query)
	case request.Method == http.MethodPost && query.Has("uploads"):
		s.begin(answer, bucket, key)
	case query.Has("uploadId"):
		s.carryOn(answer, request, bucket, key, query)
	case request.Method == http.MethodPut:
		body, err := io.ReadAll(request.Body)
		if err != nil {
			fail(answer, http.StatusBadRequest, "IncompleteBody", err.Error())
			return
		}
		s.write(answer, request, bucket, key, body)
	case request.Method == http.MethodGet, request.Method == http.MethodHead, request.Method == http.MethodDelete:
		s.hand(answer, request, bucket, key)
	default:
		fail(answer, http.StatusMethodNotAllowed, "MethodNotAllowed", request.Method)
	}
}

// hand reads or removes an object through the JSON API.
func (s *server) hand(answer http.ResponseWriter, request *http.Request, bucket, key string) {
	address := "/storage/v1/b/" + bucket + "/o/" + url.PathEscape(key) + "?alt=media"
	inner := httptest.NewRequest(request.Method, address, nil)
	for _, name := range []string{"Range", "If-Match", "If-None-Match"} {
		if value := request.Header.Get(name); value != "" {
			inner.Header.Set(name, value)
		}
	}
	recorded := httptest.NewRecorder()
	s.json.ServeHTTP(recorded, inner)
	if recorded.Code == http.StatusNotFound {
		fail(answer, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	copyHeaders(answer, recorded)
	answer.WriteHeader(recorded.Code)
	if request.Method != http.MethodHead {
		_, _ = answer.Write(recorded.Body.Bytes())
	}
}

// write makes an object through the JSON API, under the condition of the request.
func (s *server) write(answer http.ResponseWriter, request *http.Request, bucket, key string, body []byte) {
	query := url.Values{"uploadType": {"media"}, "name": {key}}
	if generation := request.Header.Get("X-Goog-If-Generation-Match"); generation != "" {
		query.Set("ifGenerationMatch", generation)
	}
	inner := httptest.NewRequest(http.MethodPost, "/upload/storage/v1/b/"+bucket+"/o?"+query.Encode(), bytes.NewReader(body))
	inner.Header.Set("Content-Type", request.Header.Get("Content-Type"))
	recorded := httptest.NewRecorder()
	s.json.ServeHTTP(recorded, inner)
	switch {
	case recorded.Code == http.StatusPreconditionFailed:
		fail(answer, recorded.Code, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
	case recorded.Code >= http.StatusBadRequest:
		fail(answer, recorded.Code, "InternalError", recorded.Body.String())
	default:
		written, err := s.store.GetObject(bucket, key)
		if err != nil {
			fail(answer, http.StatusInternalServerError, "InternalError", err.Error())
			return
		}
		answer.Header().Set("ETag", strconv.Quote(written.Etag))
		answer.Header().Set("X-Goog-Generation", strconv.FormatInt(written.Generation, 10))
		answer.Header().Set("X-Goog-Hash", fmt.Sprintf("crc32c=%s,md5=%s", written.Crc32c, written.Md5Hash))
		answer.WriteHeader(http.StatusOK)
	}
}

func (s *server) begin(answer http.ResponseWriter, bucket, key string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.next++
	identifier := strconv.Itoa(s.next)
	s.uploads[identifier] = &upload{bucket: bucket, key: key, parts: map[int][]byte{}}
	say(answer, struct {
		XMLName  xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{Bucket: bucket, Key: key, UploadID: identifier})
}

// carryOn takes a part, or ends a multipart upload.
func (s *server) carryOn(answer http.ResponseWriter, request *http.Request, bucket, key string, query url.Values) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		fail(answer, http.StatusBadRequest, "IncompleteBody", err.Error())
		return
	}
	identifier := query.Get("uploadId")
	s.mutex.Lock()
	known := s.uploads[identifier]
	if known != nil && request.Method != http.MethodPut {
		delete(s.uploads, identifier)
	}
	s.mutex.Unlock()
	if known == nil || known.bucket != bucket || known.key != key {
		fail(answer, http.StatusNotFound, "NoSuchUpload", "The specified upload does not exist.")
		return
	}
	switch request.Method {
	case http.MethodPut:
		number, err := strconv.Atoi(query.Get("partNumber"))
		if err != nil || number < 1 || number > 10000 {
			fail(answer, http.StatusBadRequest, "InvalidArgument", "partNumber")
			return
		}
		s.mutex.Lock()
		known.parts[number] = body
		s.mutex.Unlock()
		answer.Header().Set("ETag", strconv.Quote(strconv.Itoa(number)))
		answer.WriteHeader(http.StatusOK)
	case http.MethodDelete:
		answer.WriteHeader(http.StatusNoContent)
	default:
		s.complete(answer, request, known, body)
	}
}

func (s *server) complete(answer http.ResponseWriter, request *http.Request, known *upload, body []byte) {
	var wanted struct {
		Part []struct{ PartNumber int }
	}
	if err := xml.Unmarshal(body, &wanted); err != nil {
		fail(answer, http.StatusBadRequest, "MalformedXML", err.Error())
		return
	}
	sort.Slice(wanted.Part, func(i, j int) bool { return wanted.Part[i].PartNumber < wanted.Part[j].PartNumber })
	var content bytes.Buffer
	for _, part := range wanted.Part {
		bytes, there := known.parts[part.PartNumber]
		if !there {
			fail(answer, http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found.")
			return
		}
		content.Write(bytes)
	}
	recorded := httptest.NewRecorder()
	s.write(recorded, request, known.bucket, known.key, content.Bytes())
	if recorded.Code != http.StatusOK {
		copyHeaders(answer, recorded)
		answer.WriteHeader(recorded.Code)
		_, _ = answer.Write(recorded.Body.Bytes())
		return
	}
	say(answer, struct {
		XMLName xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket  string
		Key     string
		ETag    string
	}{Bucket: known.bucket, Key: known.key, ETag: recorded.Header().Get("ETag")})
}

func (s *server) list(answer http.ResponseWriter, bucket string, query url.Values) {
	most := page
	if asked, err := strconv.Atoi(query.Get("max-keys")); err == nil && asked < page {
		most = asked
	}
	found, err := s.store.ListObjectsWithOptionsPaginated(bucket, fakestorage.ListOptions{
		Prefix: query.Get("prefix"), Delimiter: query.Get("delimiter"), MaxResults: most,
		StartOffset: query.Get("start-after"), PageToken: query.Get("continuation-token"),
	})
	if err != nil {
		fail(answer, http.StatusInternalServerError, "InternalError", err.Error())
		return
	}
	type object struct {
		Key, LastModified, ETag string
		Size                    int64
	}
	type prefix struct{ Prefix string }
	result := struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		Name, Prefix          string
		IsTruncated           bool
		NextContinuationToken string `xml:",omitempty"`
		Contents              []object
		CommonPrefixes        []prefix
	}{Name: bucket, Prefix: query.Get("prefix"), IsTruncated: found.NextPageToken != "", NextContinuationToken: found.NextPageToken}
	for _, each := range found.Objects {
		modified := each.Updated.UTC().Format("2006-01-02T15:04:05.000Z")
		result.Contents = append(result.Contents, object{each.Name, modified, strconv.Quote(each.Etag), each.Size})
	}
	for _, each := range found.Prefixes {
		result.CommonPrefixes = append(result.CommonPrefixes, prefix{each})
	}
	say(answer, result)
}

func copyHeaders(answer http.ResponseWriter, recorded *httptest.ResponseRecorder) {
	for name, values := range recorded.Header() {
		answer.Header()[name] = values
	}
}

func say(answer http.ResponseWriter, result any) {
	text, err := xml.Marshal(result)
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	answer.Header().Set("Content-Type", "application/xml")
	_, _ = answer.Write(append([]byte(xml.Header), text...))
}

func fail(answer http.ResponseWriter, status int, code, message string) {
	text, err := xml.Marshal(failure{Code: code, Message: message})
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
		return
	}
	answer.Header().Set("Content-Type", "application/xml")
	answer.WriteHeader(status)
	_, _ = answer.Write(text)
}
