package main

import (
	"hash/fnv"
	"log"
	"math/rand"
	"strings"
	"time"
)

// What people write instead of a time zone's name.
var oddZones = []string{
	"", "Local", "local", "LOCAL", "EST5", "+02:00", "-0500", "GMT+2", "GMT+02:00", "UTC+1", "UTC+01:00", "Z", "CEST", "PST", "IST", "BST",
	"EDT", "Paris", "Europe", "Europe/", "/Europe/Paris", "Europe//Paris", "../Europe/Paris", "Europe/./Paris", "Europe\\Paris",
	"Europe/Berlín", " Europe/Paris", "Europe/Paris ", "America/New York", "America/Newyork", "EUROPE/PARIS", "europe/Paris", "Utc", "Gmt",
	"etc/utc", "Etc/GMT+15", "Etc/GMT-15", "W. Europe Standard Time", "Eastern Standard Time", "Mars/Olympus_Mons", "posixrules", "localtime",
	"zone.tab", "tzdata.zi", "-", ".", "..",
}

// Changes by an hour, by half an hour, by two, at midnight, twice around Ramadan, on a Saturday; and none at all.
var runZones = strings.Fields(`
	UTC Etc/GMT+5 Asia/Kolkata America/New_York Europe/Paris Europe/London Australia/Lord_Howe Africa/Cairo
	America/Havana America/Santiago Asia/Beirut Africa/Casablanca Antarctica/Troll Pacific/Chatham America/Nuuk
`)

// starts: an ordinary moment, and some hours, minutes and seconds around each change of the clock in a year that is over,
// because rules for the time to come still change.
func starts(name string) []time.Time {
	zone, err := time.LoadLocation(name)
	if err != nil {
		log.Fatal(err)
	}
	first := time.Date(2024, 1, 14, 9, 26, 53, 0, time.UTC)
	all := []time.Time{first}
	for t := first; t.Year() < 2025; {
		_, change := t.In(zone).ZoneBounds()
		if change.IsZero() {
			break
		}
		for _, offset := range []string{"-45h", "-26h", "-100m", "-1s", "20m", "30h"} {
			duration, _ := time.ParseDuration(offset)
			all = append(all, change.Add(duration))
		}
		t = change.Add(time.Second)
	}
	return all
}

// runExpressions: those that meet the hours of change, and some at random.
func runExpressions(zone string) []string {
	seed := fnv.New64()
	seed.Write([]byte(zone))
	random := rand.New(rand.NewSource(int64(seed.Sum64())))
	all := []string{
		"30 2 * * *", "30 1 * * *", "0 2 * * *", "0 0 * * *", "*/20 1-3 * * *", "15 0,3 * * *", "45 23 * * *", "0 3 * * *", "0 * * * *",
		"0 5 * * 0", "0 5 * * 5", "0 0 1 * *", "0 2 */2 * 0", "30 2 13 * FRI", "0 0 29 2 ?", "@hourly", "@weekly", "@every 1h30m", "@every 1.7s", "@every -5m", "0 4 1-31 * 1", "0 4 13 * 0-6",
	}
	for len(all) < 34 {
		if text := randomExpression(random, 0); accepted(text) {
			all = append(all, text)
		}
	}
	return all
}

func accepted(text string) bool {
	_, ok := parse(text)
	return ok
}
