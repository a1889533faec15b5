// Writes what Kubernetes itself makes of schedules and time zones, as tables for the tests of src/api/schedule.ts and
// the list of time zones that the API server knows. Kubernetes parses schedules with this very version of robfig/cron;
// its own checks on top of it (pkg/apis/batch/validation) are repeated here.
//
//	cd test/schedule && go run . ../../src/api
package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"sort"
	"strings"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"
)

func main() {
	api := os.Args[1]
	zones := zoneNames()
	write(filepath.Join(api, "timezones.ts"), timezonesSource(zones))
	write(filepath.Join(api, "testdata/schedules.jsonl"), lines(scheduleRows()))
	write(filepath.Join(api, "testdata/nextruns.jsonl"), lines(nextRunRows()))
	write(filepath.Join(api, "testdata/timezones.jsonl"), lines(timezoneRows(zones)))
}

// scheduleRows: [expression, accepted, never fires].
func scheduleRows() [][]any {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rows := [][]any{}
	for _, text := range expressions() {
		schedule, accepted := parse(text)
		rows = append(rows, []any{text, accepted, accepted && schedule.Next(from).IsZero()})
	}
	return rows
}

// parse is validateScheduleFormat for a new CronJob.
func parse(text string) (cron.Schedule, bool) {
	if strings.Contains(text, "TZ") {
		return nil, false
	}
	schedule, err := cron.ParseStandard(text)
	return schedule, err == nil
}

// nextRunRows: [expression, time zone, [start, run, run, run], …], times in seconds since 1970, null where there is none.
func nextRunRows() [][]any {
	rows := [][]any{}
	for _, zone := range runZones {
		for _, text := range runExpressions(zone) {
			// As the CronJob controller does it: formatSchedule in pkg/controller/cronjob.
			schedule, err := cron.ParseStandard(fmt.Sprintf("TZ=%s %s", zone, text))
			if err != nil {
				log.Fatal(err)
			}
			row := []any{text, zone}
			for _, start := range starts(zone) {
				row = append(row, runs(schedule, start))
			}
			rows = append(rows, row)
		}
	}
	return rows
}

func runs(schedule cron.Schedule, start time.Time) []any {
	times := []any{start.Unix()}
	for t, i := start, 0; i < 3; i++ {
		t = schedule.Next(t)
		if t.IsZero() {
			return append(times, nil)
		}
		if t.Year() > start.Year()+4 {
			break
		}
		times = append(times, t.Unix())
	}
	return times
}

// embedded holds the zones of the data that Go embeds (time/tzdata is made from this archive): what LoadLocation knows on
// a machine without zone files of its own, such as the API server's image.
var embedded = readArchive(filepath.Join(runtime.GOROOT(), "lib/time/zoneinfo.zip"))

var zoneCharacters = regexp.MustCompile(`^[A-Za-z\.\-_0-9+]{1,14}$`)

// knownZone is validateTimeZone.
func knownZone(name string) bool {
	for _, part := range strings.Split(name, "/") {
		if part == "." || part == ".." || strings.HasPrefix(part, "-") || !zoneCharacters.MatchString(part) {
			return false
		}
	}
	_, err := time.LoadLocation(name)
	return err == nil && embedded[name] && !strings.EqualFold(name, "Local")
}

// timezoneRows: [name, accepted].
func timezoneRows(zones []string) [][]any {
	rows := [][]any{}
	for _, name := range append(oddZones, zones...) {
		rows = append(rows, []any{name, knownZone(name)})
		if lower := strings.ToLower(name); lower != name {
			rows = append(rows, []any{lower, knownZone(lower)})
		}
	}
	return rows
}

func zoneNames() []string {
	names := []string{}
	for name := range embedded {
		if knownZone(name) {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

func readArchive(path string) map[string]bool {
	archive, err := zip.OpenReader(path)
	if err != nil {
		log.Fatal(err)
	}
	defer archive.Close()
	names := map[string]bool{}
	for _, file := range archive.File {
		if !strings.HasSuffix(file.Name, "/") {
			names[file.Name] = true
		}
	}
	return names
}

func timezonesSource(names []string) []byte {
	var out bytes.Buffer
	out.WriteString("/** The time zones that the API server knows. Written by test/schedule/main.go from Go's own data. */\n")
	out.WriteString("export const TIMEZONES: ReadonlySet<string> = new Set(\n  `")
	width := 3
	for i, name := range names {
		if i > 0 {
			if width+len(name) > 116 {
				out.WriteString("\n")
				width = 0
			} else {
				out.WriteString(" ")
			}
		}
		out.WriteString(name)
		width += len(name) + 1
	}
	out.WriteString("`.split(/\\s/),\n)\n")
	return out.Bytes()
}

func lines(rows [][]any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	for _, row := range rows {
		if err := encoder.Encode(row); err != nil {
			log.Fatal(err)
		}
	}
	return out.Bytes()
}

func write(path string, content []byte) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		log.Fatal(err)
	}
	log.Printf("%s: %d bytes", path, len(content))
}
