# SPDX-License-Identifier: Apache-2.0
#
# How the test programs and those of the benchmark are built and run; included by the Makefile.

unit := $(patsubst %.c,build/obj/%.o,$(wildcard tests/unit/*.c))
sandbox_shared := $(patsubst %.h,build/obj/%.o,$(wildcard tests/sandbox/*.h)) build/obj/tests/unit/check.o
sandbox := $(filter-out $(sandbox_shared),$(patsubst %.c,build/obj/%.o,$(wildcard tests/sandbox/*.c)))
sandbox_tests := $(sandbox:build/obj/tests/sandbox/%.o=build/tests/%) build/tests/escape
answers := $(patsubst %.c,build/obj/%.o,$(wildcard tests/bench/answers/*.c)) build/obj/tests/unit/form_memory.o
benches := $(patsubst tests/bench/%.c,build/bench/%,$(wildcard tests/bench/*.c))

# What several sandbox tests share has a header beside it; a test may also be a folder.
build/unit: $(unit)
$(benches): build/bench/%: build/obj/tests/bench/%.o
build/bench/sandbox: $(sandbox_shared)
$(sandbox_tests): build/tests/%: $$(addprefix build/obj/,$$(subst .c,.o,$$(wildcard tests/sandbox/$$*.c tests/sandbox/$$*/*.c))) $(sandbox_shared)
build/bench/answers: $(answers)
build/llm-driver: build/obj/tests/llm/driver.o
build/unit $(benches) build/bench/answers $(sandbox_tests) build/llm-driver: build/libapp.a
	$(Q)echo "  LINK  $@" && mkdir -p $(@D)
	$(Q)$(LINK) $@ $(filter %.o,$^) build/libapp.a $(LIBS) -lmimalloc

build/san/unit: $(unit:build/%=build/san/%) build/san/libapp.a
	$(Q)echo "  LINK  $@"
	$(Q)$(SAN_LINK) $@ $^ $(LIBS) -lm

##@ Test and check
.PHONY: test bench bench-answers lint sanitize unit security-matrix format

test: ## install what is missing, build everything, run every test; ends with "N passed, N failed"
	$(Q)src/deps/tools.sh build test
	$(Q)$(MAKE) $(if $(V),,-s) all data unit sanitize $(if $(filter x86_64,$(shell uname -m)),arm64) tests/kube/node_modules/.package-lock.json tests/llm/node_modules/.package-lock.json
	$(Q)tests/run

bench: all data $(benches) ## print the measured figures
	$(Q)tests/bench/run

bench-answers: build/bench/answers ## how well questions are answered (WTQ= the folder of WikiTableQuestions)
	$(Q)tests/bench/answers/run

lint: ## check the rules of the tree: ranks, sizes, format
	$(Q)tests/lint/run

unit: build/unit $(sandbox_tests) build/llm-driver ## build the unit and the sandbox tests

security-matrix: build/tests/escape ## write docs/security-matrix.md anew
	$(Q)$< --markdown docs/security-matrix.md

sanitize: build/san/unit ## build the unit tests with the address and undefined-behaviour sanitizers

format: ## format the C files
	$(Q)find src runner tests datasets -name '*.[ch]' -exec clang-format -i {} +

-include $(patsubst %.o,%.d,$(answers) $(unit) $(sandbox) $(sandbox_shared) build/obj/tests/llm/driver.o $(benches:build/bench/%=build/obj/tests/bench/%.o)) $(wildcard build/obj/tests/sandbox/*/*.d)
-include $(patsubst build/%.o,build/san/%.d,$(library) $(unit))
