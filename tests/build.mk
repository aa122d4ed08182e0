# SPDX-License-Identifier: Apache-2.0
#
# How the test programs and those of the benchmark are built; included by the Makefile.

unit := $(patsubst %.c,build/obj/%.o,$(wildcard tests/unit/*.c))
sandbox_shared := $(patsubst %.h,build/obj/%.o,$(wildcard tests/sandbox/*.h)) build/obj/tests/unit/check.o
sandbox := $(filter-out $(sandbox_shared),$(patsubst %.c,build/obj/%.o,$(wildcard tests/sandbox/*.c)))
sandbox_tests := $(sandbox:build/obj/tests/sandbox/%.o=build/tests/%) build/tests/escape
benches := $(patsubst tests/bench/%.c,build/bench/%,$(wildcard tests/bench/*.c))

# What several sandbox tests share has a header beside it; a test may also be a folder.
build/unit: $(unit)
$(benches): build/bench/%: build/obj/tests/bench/%.o
build/bench/sandbox: $(sandbox_shared)
$(sandbox_tests): build/tests/%: $$(addprefix build/obj/,$$(subst .c,.o,$$(wildcard tests/sandbox/$$*.c tests/sandbox/$$*/*.c))) $(sandbox_shared)
build/unit $(benches) $(sandbox_tests): build/libapp.a
	$(Q)echo "  LINK  $@" && mkdir -p $(@D)
	$(Q)$(LINK) $@ $(filter %.o,$^) build/libapp.a $(LIBS) -lmimalloc

build/san/unit: $(unit:build/%=build/san/%) build/san/libapp.a
	$(Q)echo "  LINK  $@"
	$(Q)$(SAN_LINK) $@ $^ $(LIBS) -lm

-include $(patsubst %.o,%.d,$(unit) $(sandbox) $(sandbox_shared) $(benches:build/bench/%=build/obj/tests/bench/%.o)) $(wildcard build/obj/tests/sandbox/*/*.d)
-include $(patsubst build/%.o,build/san/%.d,$(library) $(unit))
