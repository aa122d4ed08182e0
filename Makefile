# SPDX-License-Identifier: Apache-2.0
#
# `make` builds build/app; `make help` lists the rest; docs/building.md says how it works.
# Everything made lies in build/, except the libraries: they are kept outside of the tree.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SECONDEXPANSION:
.DEFAULT_GOAL := all
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(or $(SANDGLASS_JOBS),$(shell nproc))
endif
Q := $(if $(V),,@)
PREFIX ?= /usr/local

DEPS := $(shell src/deps/build.sh --prefix musl)
SAN_DEPS := $(shell src/deps/build.sh --prefix glibc)
CC := $(DEPS)/bin/musl-gcc
COMMON := -std=gnu11 -D_GNU_SOURCE -g -Wall -Wextra -Wshadow -Wconversion -Werror \
    -fPIE -ffile-prefix-map=$(CURDIR)=. -MMD -MP -Isrc -I.
CFLAGS := $(COMMON) -O2 -ffunction-sections -fdata-sections
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
SAN_CFLAGS := $(COMMON) $(SANITIZE) -O1 -fno-omit-frame-pointer -isystem $(SAN_DEPS)/include
LIBS := -lcurl -lmbedtls -lmbedx509 -lmbedcrypto -lcjson -lsqlite3 -lmicrohttpd -lmicrohttpd_ws -lz -lyaml
LINK := $(CC) -static-pie -Wl,-z,stack-size=1048576 -Wl,--gc-sections -L$(DEPS)/lib -o
SAN_LINK := gcc $(SANITIZE) -pie -L$(SAN_DEPS)/lib -o

sources := $(filter-out src/deps/%,$(wildcard src/*.c src/*/*.c src/*/*/*.c runner/*.c))
objects := $(sources:%.c=build/obj/%.o) $(foreach kind,assets chart,build/obj/build/gen/$(kind).o build/obj/build/gen/$(kind).S.o)
library := $(filter-out build/obj/src/main.o build/obj/src/cmd/%,$(objects))
datasets := $(patsubst datasets/%/dataset.json,build/data/%/data.sqlite,$(wildcard datasets/*/dataset.json))
include tests/build.mk compose/compose.mk chart/chart.mk
ui := $(shell find assets docs/openapi.yaml -name node_modules -prune -o -name test -prune -o -type f -print)

.PHONY: all run data deps install clean help always

##@ Build and run
all: build/app ## build build/app, the static program; this is the default

run: ## install what is missing, build everything, start the server and print its URL
	$(Q)src/deps/tools.sh build
	$(Q)$(MAKE) $(if $(V),,-s) all data
	$(Q)exec build/app serve

data: $(datasets) ## build the bundled data sets

deps: $(DEPS) ## build the libraries

install: all data ## install below PREFIX (/usr/local), staged below DESTDIR
	install -D build/app "$(DESTDIR)$(PREFIX)/bin/app"
	for name in $(datasets:build/data/%/data.sqlite=%); do \
	    mkdir -p "$(DESTDIR)$(PREFIX)/share/sandglass/data/$$name"; \
	    install -m 644 -t "$(DESTDIR)$(PREFIX)/share/sandglass/data/$$name" "build/data/$$name"/*; done
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/share/sandglass/licences" $(DEPS)/share/licences/* build/licences/*

clean:: ## remove what was built; the libraries stay in their cache
	rm -rf build

help: ## list these targets
	@awk -F '::?.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	    /^[a-z0-9-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(filter-out %.d,$(MAKEFILE_LIST))

# A static-pie has no interpreter and needs no library; anything else stops here.
build/app: $(objects)
	$(Q)echo "  LINK  $@"
	$(Q)$(LINK) $@.debug $(objects) $(LIBS) -lmimalloc
	$(Q)! readelf -ldW $@.debug | grep -E 'INTERP|NEEDED' || \
	    { echo "Makefile: build/app is not static; look at LINK and at $(CC)." >&2; exit 1; }
	$(Q)strip -o $@ $@.debug

build/libapp.a: $(library)
build/san/libapp.a: $(library:build/%=build/san/%)
%/libapp.a:
	$(Q)rm -f $@ && ar rcs $@ $^

# Objects are made anew when the flags or the libraries are others.
build/obj/%.o: %.c Makefile build/gen/deps | $(DEPS)
	$(Q)echo "  CC    $<" && mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -c -o $@ $<

build/san/obj/%.o: %.c Makefile build/gen/deps | $(SAN_DEPS)
	$(Q)echo "  SAN   $<" && mkdir -p $(@D)
	$(Q)gcc $(SAN_CFLAGS) -c -o $@ $<

build/obj/%.S.o build/san/obj/%.S.o &: %.S | $(DEPS)
	$(Q)mkdir -p build/obj/$(*D) build/san/obj/$(*D)
	$(Q)$(CC) -c -o build/obj/$*.S.o $< && cp build/obj/$*.S.o build/san/obj/$*.S.o

build/gen/deps: $(if $(filter $(DEPS),$(file <build/gen/deps)),,always)
	$(Q)mkdir -p $(@D) && echo "$(DEPS)" >$@

$(DEPS):
	$(Q)src/deps/build.sh musl >/dev/null

$(SAN_DEPS): | $(DEPS)
	$(Q)src/deps/build.sh glibc >/dev/null

# The UI: its tools as the lock file has them, its files, and those as a table in the program.
%/node_modules/.package-lock.json: %/package-lock.json
	$(Q)echo "  NPM   $<"
	$(Q)npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null

build/assets/.built: $(ui) assets/node_modules/.package-lock.json
	$(Q)echo "  UI    $(@D)" && rm -rf $(@D)
	$(Q)OUT="$(CURDIR)/$(@D)" LICENCES="$(CURDIR)/build/licences" npm --prefix assets run --silent build >/dev/null
	$(Q)node assets/openapi.mjs docs/openapi.yaml $(@D)/api/openapi.json && touch $@

build/gen/assets.c build/gen/assets.S &: build/assets/.built src/web/embed.sh
	$(Q)src/web/embed.sh assets build/assets build/gen

build/gen/chart.c build/gen/chart.S &: $(shell find chart -type f) src/web/embed.sh
	$(Q)src/web/embed.sh chart chart build/gen

# A data set is built anew when its files or the code that imports them change.
build/data/%/data.sqlite: $$(wildcard datasets/$$*/*) $(filter build/obj/src/dataset/%,$(objects)) | build/app
	$(Q)build/app dataset build datasets/$* --output $(@D)

build/obj/src/plan/form_weights.o build/san/obj/src/plan/form_weights.o: src/plan/form_weights.bin
-include $(patsubst %.o,%.d,$(objects))
