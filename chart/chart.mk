# SPDX-License-Identifier: Apache-2.0
#
# The chart, a cluster to try it on, another processor, and a release; included by the Makefile.

##@ Kubernetes
.PHONY: k8s-up helm-install helm-uninstall k8s-smoke k8s-down arm64 release

k8s-up: image ## make a local cluster (kind, else k3d) with the image in it
	$(Q).ci/kubernetes.sh up

helm-install: all ## install the chart there, or upgrade it, and print its address and token
	$(Q).ci/kubernetes.sh install

k8s-smoke: all ## ask it every canonical prompt, check the answers, show the Jobs that gave them
	$(Q).ci/kubernetes.sh smoke

helm-uninstall: all ## remove the chart; the volume with its state stays
	$(Q).ci/kubernetes.sh uninstall

k8s-down: ## remove the local cluster and all that is in it
	$(Q).ci/kubernetes.sh down

##@ Release
arm64: ## build the program and its sandbox tests for arm64, by a cross compiler, in build/arm64
	$(Q)src/deps/tools.sh build cross
	$(Q)$(MAKE) ARCH=arm64 build/arm64/app $(addprefix build/arm64/tests/,$(machine_tests))

release: ## push the images of TAG=1.2.3, both processors, to REGISTRY and say how to install them
	$(Q)src/deps/tools.sh build cross
	$(Q).ci/release.sh

# What tests/machine/run runs.
machine_tests := local runs walls

# Another processor: the same sources in a folder of their own, by Debian's cross compiler.
ifneq ($(filter amd64 arm64,$(ARCH)),)
target := $(if $(filter arm64,$(ARCH)),aarch64,x86_64)-linux-gnu
CROSS_DEPS := $(shell SANDGLASS_TARGET=$(target) src/deps/build.sh --prefix musl)
CROSS_LINK = $(subst $(DEPS),$(CROSS_DEPS),$(LINK))
cross_objects := $(objects:build/%=build/$(ARCH)/%)

build/$(ARCH)/app: $(cross_objects)
	$(Q)echo "  LINK  $@"
	$(Q)$(CROSS_LINK) $@.debug $^ $(LIBS) -lmimalloc
	$(Q)! readelf -ldW $@.debug | grep -E 'INTERP|NEEDED' || { echo "chart.mk: $@ is not static." >&2; exit 1; }
	$(Q)$(target)-strip -o $@ $@.debug

build/$(ARCH)/unit: $(unit:build/%=build/$(ARCH)/%)
$(addprefix build/$(ARCH)/tests/,$(machine_tests)): build/$(ARCH)/tests/%: build/$(ARCH)/obj/tests/sandbox/%.o $(sandbox_shared:build/%=build/$(ARCH)/%)
build/$(ARCH)/unit $(addprefix build/$(ARCH)/tests/,$(machine_tests)): $(library:build/%=build/$(ARCH)/%)
	$(Q)echo "  LINK  $@" && mkdir -p $(@D)
	$(Q)$(CROSS_LINK) $@ $^ $(LIBS) -lmimalloc

build/$(ARCH)/obj/%.o: %.c Makefile build/$(ARCH)/deps | $(CROSS_DEPS)
	$(Q)echo "  CC    $< ($(ARCH))" && mkdir -p $(@D)
	$(Q)$(CROSS_DEPS)/bin/musl-gcc $(CFLAGS) -c -o $@ $<

build/$(ARCH)/obj/%.S.o: %.S | $(CROSS_DEPS)
	$(Q)mkdir -p $(@D) && $(CROSS_DEPS)/bin/musl-gcc -c -o $@ $<

build/$(ARCH)/deps: $(if $(filter $(CROSS_DEPS),$(file <build/$(ARCH)/deps)),,always)
	$(Q)mkdir -p $(@D) && echo "$(CROSS_DEPS)" >$@

$(CROSS_DEPS):
	$(Q)SANDGLASS_TARGET=$(target) src/deps/build.sh musl >/dev/null

-include $(cross_objects:.o=.d) $(wildcard build/$(ARCH)/obj/tests/*/*.d)
endif
